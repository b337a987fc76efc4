// The README and the reference of the command line say what is true: every command, setting and option that exists, and no other.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS as EDITOR_COMMANDS } from '../../../protocol/src/commands.ts';
import { SETTINGS } from '../../../protocol/src/settings.ts';
import { commandReference, declaredCommands, nameOf, REFERENCE } from '../../../scripts/commandReference.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** The text under a heading, up to the next one of its rank or above. */
function section(heading: string): string {
  const start = readme.indexOf(`${heading}\n`);
  expect(start, `the README has the heading "${heading}"`).toBeGreaterThan(-1);
  const rest = readme.slice(start + heading.length);
  const rank = heading.indexOf(' ');
  const end = rest.search(new RegExp(`\\n#{1,${rank}} `));
  return end === -1 ? rest : rest.slice(0, end);
}

describe('the section on the command line', () => {
  const text = section('## On the command line');

  it('names every command', () => {
    const missing = declaredCommands()
      .map(nameOf)
      .filter((name) => !text.includes(`\`${name}\``));
    // The others of `prm cache` stand in the row of the first.
    expect(missing).toEqual(['prm cache size', 'prm cache verify', 'prm cache clear']);
  });

  it('uses only options that exist, in its examples and its prose', () => {
    const known = new Set(declaredCommands().flatMap(({ options }) => options.map(({ long }) => long)));
    const used = [...text.matchAll(/(?<![\w-])--[a-z][a-z_-]*/g)].map(([option]) =>
      option.replaceAll('_', '-'),
    );
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((option) => option !== '--help' && !known.has(option))).toEqual([]);
  });

  it('gives commands examples that they accept', () => {
    const examples = [...text.matchAll(/^ {4}(prm .+)$/gm)].map(([, line = '']) => line);
    expect(examples.length).toBeGreaterThan(10);
    for (const example of examples) {
      const command = declaredCommands().find((one) => example.startsWith(`${nameOf(one)} `));
      expect(command, example).toBeDefined();
      const known = command?.options.map(({ long }) => long) ?? [];
      for (const [option] of example.matchAll(/--[a-z][a-z_-]*/g)) {
        expect(known, example).toContain(option.replaceAll('_', '-'));
      }
    }
  });
});

it('the reference of all options is the one that the commands declare', async () => {
  expect(readFileSync(path.join(ROOT, REFERENCE), 'utf8'), 'Run `npm run docs`.').toBe(
    await commandReference(),
  );
});

describe('the section on the editor', () => {
  it('names every setting', () => {
    const text = section('### Settings');
    expect(Object.keys(SETTINGS).filter((name) => !text.includes(`\`prm.${name}\``))).toEqual([]);
  });

  it('names every command', () => {
    const text = section('## In the editor');
    expect(Object.values(EDITOR_COMMANDS).filter((title) => !text.includes(`PRM: ${title}`))).toEqual([]);
  });
});
