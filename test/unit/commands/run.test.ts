// The frame of the command line: arguments in, messages and exit statuses out.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Command, CommandContext } from '../../../server/src/commands/command.ts';
import { integerAbove, numberFrom } from '../../../server/src/commands/options.ts';
import { runCommandLine, withDashes } from '../../../server/src/commands/run.ts';
import { CancelledError, PrmError } from '../../../server/src/support/errors.ts';

interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

async function run(argv: string[], action: (options: unknown) => void, environment = {}): Promise<Outcome> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const context: CommandContext = {
    ...streams,
    signal: new AbortController().signal,
    colour: false,
    interactive: false,
    environment,
  };
  const work: Command = {
    name: 'work',
    register(program) {
      program
        .command('work')
        .description('Work.')
        .option('--max-examples <n>', 'how many', integerAbove(0))
        .option('--rate <r>', 'how fast', numberFrom(0))
        .option('--no-balance', 'keep all')
        .argument('[file]')
        .action((_file: unknown, options: unknown) => {
          action(options);
        });
    },
  };
  const status = await runCommandLine(argv, [work], '1.2.3', context);
  const text = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
  return { status, stdout: text(streams.stdout), stderr: text(streams.stderr) };
}

const nothing = (): void => undefined;
const fail = (error: unknown) => () => {
  throw error;
};

describe('withDashes', () => {
  it('turns underscores in the names of options, and nowhere else', () => {
    expect(
      withDashes(['format', '--max_examples', 'a_b', '--output_dir=my_folder=x_y', '-x_y', '--', '--a_b']),
    ).toEqual(['format', '--max-examples', 'a_b', '--output-dir=my_folder=x_y', '-x_y', '--', '--a_b']);
  });
});

describe('runCommandLine', () => {
  it('runs a command with options in either spelling', async () => {
    const seen: unknown[] = [];
    for (const argv of [
      ['--max-examples', '5'],
      ['--max_examples=5'],
      ['--max_examples', '5', '--no_balance'],
    ]) {
      expect((await run(['work', ...argv], (options) => seen.push(options))).status).toBe(0);
    }
    expect(seen).toEqual([
      { balance: true, maxExamples: 5 },
      { balance: true, maxExamples: 5 },
      { balance: false, maxExamples: 5 },
    ]);
  });

  it('prints help and version', async () => {
    expect(await run(['--version'], nothing)).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
    const help = await run(['--help'], nothing);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/work \[options\]/);
    expect(help.stdout).toContain('--max-examples, --max_examples');
  });

  it.each([
    [['wrok'], /^prm: unknown command 'wrok'\n\(Did you mean work\?\)/],
    [['work', '--nope'], /^prm: unknown option '--nope'/],
    [
      ['work', '--max_examples', 'x'],
      /^prm: option .* argument 'x' is invalid\. It must be an integer above 0\./,
    ],
    [['work', '--max_examples', '0'], /It must be an integer above 0\./],
    [['work', '--rate', '-1'], /It must be a number from 0 on\./],
  ])('refuses %j with status 2', async (argv, message) => {
    const outcome = await run(argv, nothing);
    expect(outcome).toMatchObject({ status: 2, stdout: '' });
    expect(outcome.stderr).toMatch(message);
  });

  it('says an expected failure in one line, with status 2', async () => {
    const error = new PrmError({ where: 'rows.jsonl', what: 'the file is empty', remedy: 'Give another.' });
    expect(await run(['work'], fail(error))).toEqual({
      status: 2,
      stdout: '',
      stderr: 'prm: rows.jsonl: the file is empty. Give another.\n',
    });
  });

  it('ends with 130 when it was cancelled', async () => {
    expect(await run(['work'], fail(new CancelledError('Stopped at step 5.')))).toEqual({
      status: 130,
      stdout: '',
      stderr: 'prm: Stopped at step 5.\n',
    });
  });

  it('ends with 1 on anything else, and shows where only when asked', async () => {
    const outcome = await run(['work'], fail(new TypeError('x is not a function')));
    expect(outcome).toMatchObject({
      status: 1,
      stderr: 'prm: unexpected failure: x is not a function. Set PRM_DEBUG=1 to see where it happened.\n',
    });
    const debug = await run(['work'], fail(new TypeError('x is not a function')), { PRM_DEBUG: '1' });
    expect(debug.stderr).toMatch(/run\.test\.ts/);
  });
});
