// The README says what is true: every option, setting and command that exists stands in it, with its default.
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { COMMANDS as EDITOR_COMMANDS } from '../../../protocol/src/commands.ts';
import { SETTINGS } from '../../../protocol/src/settings.ts';
import { COMMANDS } from '../../../server/src/commands/index.ts';
import { optionDeclarations } from '../../../server/src/training/options.ts';

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

/** Options whose default is a word or a number. `prm train` keeps its defaults in a table of its own. */
function defaultsOf(command: Command): [string, string | number][] {
  const all =
    command.name() === 'train'
      ? optionDeclarations().map(
          (option) => [`--${option.name.replaceAll('_', '-')}`, option.default] as const,
        )
      : command.options.map((option) => [option.long ?? '', option.defaultValue as unknown] as const);
  return all.flatMap(([long, value]) =>
    typeof value === 'number' || typeof value === 'string'
      ? [[long, value] as [string, string | number]]
      : [],
  );
}

function quoted(value: string | number): string {
  return typeof value === 'number' ? String(value) : `\`${value}\``;
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
      for (const [long, value] of defaultsOf(command)) {
        const row = text.split('\n').find((line) => line.startsWith(`| \`${long}\``));
        // Options without a row of their own are named in another's.
        if (row !== undefined)
          expect(row.split('|')[2]?.trim(), `the default of ${long}`).toBe(quoted(value));
      }
    });
  },
);

it('is held to more than a few defaults', () => {
  expect(declaredCommands().flatMap(defaultsOf).length).toBeGreaterThan(20);
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
