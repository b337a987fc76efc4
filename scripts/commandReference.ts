// The reference of the command line as Markdown, from the declarations of the commands themselves. `npm run docs` writes it to
// docs/commands.md; a test holds the file to it.
import { Command as CommanderCommand, type Command, type Option } from 'commander';
import { PassThrough } from 'node:stream';
import { format } from 'prettier';
import { COMMANDS } from '../server/src/commands/index.ts';
import { ROOT } from './lib/paths.ts';
import path from 'node:path';

/** Where it stands, from the root of the repository. */
export const REFERENCE = 'docs/commands.md';

const INTRODUCTION = `# The command line

Made by \`npm run docs\` from the commands themselves; \`prm COMMAND --help\` says the same. Dashes and underscores in options are
the same: \`--output-dir\`, \`--output_dir\`. Exit status: 0 done, 1 unexpected failure, 2 something to mend (one line says what, where
and how), 130 stopped with Ctrl-C.
`;

/** Every command with its subcommands' own, as \`prm\` declares them. */
export function declaredCommands(): readonly Command[] {
  const program = new CommanderCommand('prm');
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
  return program.commands.flatMap((command) =>
    command.commands.length === 0 ? [command] : command.commands,
  );
}

/** What is typed: \`prm generate corrupt\`. */
export function nameOf(command: Command): string {
  const parent = command.parent;
  return parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

/** The whole file. */
export async function commandReference(): Promise<string> {
  const sections = declaredCommands().map(section);
  const file = path.join(ROOT, REFERENCE);
  return format([INTRODUCTION, ...sections].join('\n'), {
    parser: 'markdown',
    printWidth: 110,
    filepath: file,
  });
}

function section(command: Command): string {
  const usage = command.registeredArguments
    .map(
      (argument) =>
        `${argument.required ? '<' : '['}${argument.name()}${argument.variadic ? '...' : ''}${argument.required ? '>' : ']'}`,
    )
    .join(' ');
  const rows = [
    ...command.registeredArguments.map((argument) => row(argument.name(), '', argument.description)),
    ...command.options.map((option) => row(option.flags, defaultOf(option), meaningOf(option))),
  ];
  const table = ['| option | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  const title = `## ${nameOf(command)}`;
  return `${title}\n\n${command.description()}\n\n    ${`${nameOf(command)} [options] ${usage}`.trim()}\n\n${table}\n`;
}

function row(name: string, initial: string, meaning: string): string {
  const cell = (text: string): string =>
    text.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('\n', ' ');
  return `| \`${name.replaceAll('|', '\\|')}\` | ${cell(initial)} | ${cell(meaning)} |`;
}

function defaultOf({ defaultValue, defaultValueDescription, mandatory }: Option): string {
  if (mandatory && defaultValue === undefined) return 'needed';
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  const value: unknown = defaultValue;
  return typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : '';
}

function meaningOf({ description, argChoices }: Option): string {
  return argChoices === undefined
    ? description
    : `${description}: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
}
