// The README says what is true: every option, setting and command that exists stands in it, with its default.
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { COMMANDS as EDITOR_COMMANDS } from '../../../protocol/src/commands.ts';
import { SETTINGS } from '../../../protocol/src/settings.ts';
import { COMMANDS } from '../../../server/src/commands/index.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

function declaredCommands(): readonly Command[] {
  const program = new Command();
  const stream = new PassThrough();
  for (const command of COMMANDS) {
    command.register(program, {
      signal: new AbortController().signal,
      stdout: stream,
      stderr: stream,
      colour: false,
      interactive: false,
      environment: {},
    });
  }
  return program.commands;
}

/** The text under a heading, up to the next one of its rank or above. */
function section(heading: string): string {
  const start = readme.indexOf(`${heading}\n`);
  expect(start, `the README has the heading "${heading}"`).toBeGreaterThan(-1);
  const rest = readme.slice(start + heading.length);
  const end = rest.search(/\n##?#? /);
  return end === -1 ? rest : rest.slice(0, end);
}

describe.each(declaredCommands().map((command) => [command.name(), command] as const))(
  'the section on prm %s',
  (name, command) => {
    const text = section(`### prm ${name}`);

    it('names every option', () => {
      const missing = command.options.map(({ long }) => long).filter((long) => !text.includes(`\`${long}\``));
      expect(missing).toEqual([]);
    });

    it('names no option that does not exist', () => {
      const known = command.options.map(({ long }) => long);
      const named = [...text.matchAll(/^\| `(--[a-z-]+)`/gm)].map((match) => match[1]);
      expect(named.filter((option) => !known.includes(option))).toEqual([]);
    });

    it('gives the defaults that numbers and words have', () => {
      for (const { long, defaultValue } of command.options) {
        if (typeof defaultValue !== 'number' && typeof defaultValue !== 'string') continue;
        const row = text.split('\n').find((line) => line.startsWith(`| \`${long}\``)) ?? '';
        expect(row, `${long}'s row gives its default`).toContain(String(defaultValue));
      }
    });
  },
);

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
