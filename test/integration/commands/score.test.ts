// `prm score` as a user runs it: the built program, with text from files and standard input.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { on } from 'node:events';
import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writeModelFolder } from '../../../server/src/models/modelFolder.ts';
import { CLI_FILE } from '../../support/bundles.ts';
import { SMALL_CONFIG, smallModel, writeSmallModel } from '../../support/smallModel.ts';

const TEXT = `Tom has 3 boxes of 12 pens and gives 5 pens away. How many pens are left?

Step 1: He has 3 x 12 = 36 pens.
Step 2: He gives away 5, so 36 - 5 = 30 are left.
Step 3: The answer is 30.
`;

const resultSchema = z.strictObject({
  model: z.string(),
  modelFolder: z.string(),
  device: z.string(),
  threshold: z.number(),
  aggregate: z.string(),
  score: z.number(),
  firstDoubtfulStep: z.number().nullable(),
  milliseconds: z.number().positive(),
  problem: z.string(),
  steps: z.array(
    z.strictObject({
      number: z.number(),
      index: z.number(),
      score: z.number().min(0).max(1),
      label: z.enum(['correct', 'incorrect']),
      text: z.string(),
      start: z.number(),
      end: z.number(),
    }),
  ),
});

let root: string;
let model: string;
let file: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-score-'));
  model = await writeSmallModel(root);
  file = await saved('text.txt', TEXT);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function saved(name: string, contents: string | Uint8Array): Promise<string> {
  const place = path.join(root, name);
  await writeFile(place, contents);
  return place;
}

interface Run {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
}

function start(args: string[], input = '', environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [CLI_FILE, 'score', ...args], {
    env: {
      ...process.env,
      FORCE_COLOR: undefined,
      NO_COLOR: undefined,
      PRM_DEBUG: undefined,
      ...environment,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
  return { child, ended };
}

function score(args: string[], input?: string, environment?: Record<string, string>) {
  return start(['--model', model, ...args], input, environment).ended;
}

async function scoreJson(args: string[], input?: string) {
  const { status, stdout, stderr } = await score(['--json', ...args], input);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return resultSchema.parse(JSON.parse(stdout));
}

describe('prm score', () => {
  it('prints a row a step and the score of the trace', async () => {
    const { status, stdout, stderr } = await score([file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Problem: Tom has 3 boxes/);
    expect(stdout).toMatch(/^[> ] {4}1 {2}\d\.\d{3} {2}(in)?correct +He has 3 x 12 = 36 pens\.$/m);
    expect(stdout).toMatch(/^[> ] {4}3 {2}\d\.\d{3} {2}(in)?correct +The answer is 30\.$/m);
    expect(stdout).toMatch(/^Score of the trace \(min\): \d\.\d{3}$/m);
    expect(stdout).toMatch(/^Model small \(0\.1M parameters\) on cpu, \d+ ms$/m);
  });

  it('prints JSON whose places are places in the text', async () => {
    const result = await scoreJson([file]);
    expect(result.steps.map(({ text }) => text)).toEqual([
      'He has 3 x 12 = 36 pens.',
      'He gives away 5, so 36 - 5 = 30 are left.',
      'The answer is 30.',
    ]);
    for (const { text, start, end } of result.steps) expect(TEXT.slice(start, end)).toBe(text);
    expect(result).toMatchObject({ model: 'small', modelFolder: model, device: 'cpu', aggregate: 'min' });
    expect(result.score).toBe(Math.min(...result.steps.map((step) => step.score)));
  });

  it('reads standard input, a byte order mark and Windows line ends alike', async () => {
    const expected = (await scoreJson([file])).steps.map((step) => step.score);
    for (const args of [[], ['-']]) {
      expect((await scoreJson(args, TEXT)).steps.map((step) => step.score)).toEqual(expected);
    }
    const windows = `\uFEFF${TEXT.replaceAll('\n', '\r\n')}`;
    const result = await scoreJson([await saved('windows.txt', windows)]);
    expect(result.steps.map((step) => step.score)).toEqual(expected);
    const withoutMark = windows.slice(1);
    for (const { text, start, end } of result.steps) expect(withoutMark.slice(start, end)).toBe(text);
  });

  it('aggregates and sets the threshold as told, options with dashes or underscores', async () => {
    const { steps } = await scoreJson([file]);
    const scores = steps.map((step) => step.score);
    const sum = scores.reduce((total, one) => total + one, 0);
    expect((await scoreJson([file, '--aggregate', 'mean'])).score).toBeCloseTo(sum / 3, 12);
    expect((await scoreJson([file, '--aggregate=last'])).score).toBe(scores[2]);
    const product = scores.reduce((total, one) => total * one, 1);
    expect((await scoreJson([file, '--aggregate', 'product'])).score).toBeCloseTo(product, 12);
    expect((await scoreJson([file, '--threshold', '1'])).firstDoubtfulStep).toBe(0);
    const none = await scoreJson([file, '--threshold', '0']);
    expect(none.firstDoubtfulStep).toBeNull();
    expect(none.steps.every(({ label }) => label === 'correct')).toBe(true);
  });

  it('shows colours only where they are wanted', async () => {
    expect((await score([file])).stdout).not.toContain('\u001b');
    expect((await score([file], '', { FORCE_COLOR: '1' })).stdout).toContain('\u001b[');
    expect((await score([file], '', { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001b');
  });

  it('takes a run folder for its best model', async () => {
    await cp(model, path.join(root, 'run/best_model'), { recursive: true });
    const { stdout } = await start(['--model', path.join(root, 'run'), '--json', file]).ended;
    expect(resultSchema.parse(JSON.parse(stdout)).modelFolder).toBe(path.join(root, 'run/best_model'));
  });

  it('scores steps without a problem, and says so', async () => {
    const { status, stdout, stderr } = await score(
      ['--json', '-'],
      'Step 1: 1 + 1 = 2.\nStep 2: 2 + 1 = 4.\n',
    );
    expect(status).toBe(0);
    expect(stderr).toBe(
      'prm: no problem was found before the first step; the steps are scored without one.\n',
    );
    expect(resultSchema.parse(JSON.parse(stdout))).toMatchObject({ problem: '', steps: [{}, {}] });
  });
});

describe('bad input', () => {
  async function expectRefusal(args: string[], message: string | RegExp, input?: string): Promise<void> {
    const { status, stdout, stderr } = await start(args, input).ended;
    expect(stdout).toBe('');
    if (typeof message === 'string') expect(stderr).toBe(`prm: ${message}\n`);
    else expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(status).toBe(2);
  }

  it('a file that is not there', async () => {
    await expectRefusal(
      ['--model', model, 'nowhere.txt'],
      'nowhere.txt: There is no such file. Check the path, or give - to read standard input.',
    );
  });

  it('a folder', async () => {
    await expectRefusal(
      ['--model', model, root],
      `${root}: This is a folder, not a text file. Give the file with the reasoning text.`,
    );
  });

  it('10 MB of text, from a file and from standard input, without reading them to the end', async () => {
    const large = TEXT.repeat(Math.ceil(10_000_000 / TEXT.length));
    const message =
      'The text is longer than 1 MB, the most that is read. Score one problem with its steps at a time.';
    const place = await saved('large.txt', large);
    const started = performance.now();
    await expectRefusal(['--model', model, place], `${place}: ${message}`);
    await expectRefusal(['--model', model, '-'], `standard input: ${message}`, large);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('a text of many traces, within the limit of the file but not of the model', async () => {
    await expectRefusal(
      ['--model', model, await saved('many.txt', TEXT.repeat(40))],
      /^prm: The trace has \d+ (tokens|characters).* Score one solution at a time, or a shorter part of it\.\n$/,
    );
  });

  it('text without steps', async () => {
    await expectRefusal(
      ['--model', model, '-'],
      'standard input: There are no steps in the text. Write the problem, an empty line, then one step a line, or number the steps: "Step 1: …".',
      'How many pens are left?\n',
    );
  });

  it('nothing, and nothing but white space', async () => {
    const message = 'standard input: The text is empty. Give the problem and its steps, one step a line.';
    await expectRefusal(['--model', model], message, '');
    await expectRefusal(['--model', model, '-'], message, ' \n\t\n');
  });

  it.each([
    ['a binary file', Uint8Array.of(0x50, 0x41, 0x52, 0x31, 0xff, 0xfe, 0x80, 0x00)],
    ['text with zero bytes', Buffer.from('1 + 1 = 2\n', 'utf16le')],
    ['text in Latin-1', Buffer.from('Ein Stück für 3 €', 'latin1')],
  ])('%s', async (name, contents) => {
    const place = await saved(`${name}.bin`, contents);
    await expectRefusal(
      ['--model', model, place],
      `${place}: This is not text in UTF-8. Give a plain text file; save it as UTF-8 where it has another encoding.`,
    );
  });

  it('a model folder that is not there, or holds no model', async () => {
    const nowhere = path.join(root, 'nowhere');
    const remedy = 'Give the folder of a trained model, or the run folder that `prm train` wrote.';
    await expectRefusal(['--model', nowhere, file], `${nowhere}: There is no such model folder. ${remedy}`);
    await expectRefusal(
      ['--model', root, file],
      `${root}: The folder holds no model: it has no prm.json. ${remedy}`,
    );
  });

  it('a damaged model', async () => {
    const damaged = path.join(root, 'damaged');
    await cp(model, damaged, { recursive: true });
    const weights = path.join(damaged, 'model.safetensors');
    await truncate(weights, 5000);
    await expectRefusal(
      ['--model', damaged, file],
      /^prm: .*model\.safetensors: The file has 5000 bytes, but prm\.json says \d+\. Copy the whole model folder again, or train it again\.\n$/,
    );
  });

  it('options that do not exist or do not fit', async () => {
    await expectRefusal([file], /^prm: required option '--model <folder>' not specified/);
    await expectRefusal(
      ['--model', model, '--aggregate', 'max', file],
      /Allowed choices are min, product, last, mean/,
    );
    await expectRefusal(['--model', model, '--threshold', '1.5', file], /It must be a number from 0 to 1/);
  });
});

describe('while it scores', () => {
  let slowArguments: string[];
  beforeAll(async () => {
    const slow = path.join(root, 'slow');
    // Slow enough for something to happen before the scores are there.
    const config = {
      ...SMALL_CONFIG,
      num_hidden_layers: 24,
      intermediate_size: 2048,
      max_position_embeddings: 8192,
    };
    await writeModelFolder(slow, smallModel(1, config));
    const more = Array.from({ length: 250 }, (_, step) => `Step ${step + 4}: ${step} + 1 = ${step + 1}.\n`);
    slowArguments = ['--model', slow, await saved('long.txt', TEXT + more.join(''))];
  });

  it('ends with one clear line when the engine is killed', async () => {
    const { child, ended } = start(slowArguments, '', { PRM_DEBUG: '1' });
    process.kill(await engineOf(child), 'SIGKILL');
    const { status, stdout, stderr } = await ended;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.match(/^prm: .*$/gm)).toEqual([
      'prm: The scoring engine stopped (signal SIGKILL). The system may have run out of memory. ' +
        'Try again: the engine starts anew.',
    ]);
  });

  it('ends with status 130 at Ctrl-C, and takes the engine with it', async () => {
    const { child, ended } = start(slowArguments, '', { PRM_DEBUG: '1' });
    const engine = await engineOf(child);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
    expect(stderr.match(/^prm: .*$/gm)).toEqual([
      'prm: stopping. Press Ctrl-C again to end at once.',
      'prm: Cancelled.',
    ]);
    expect(() => process.kill(engine, 0)).toThrow(/ESRCH/);
  });

  /** Process id of a command's engine, as soon as it has one: with PRM_DEBUG=1 the command tells it. */
  async function engineOf({ stderr }: Run['child']): Promise<number> {
    let output = '';
    for await (const chunk of on(stderr, 'data', { close: ['end'] })) {
      output += String(chunk);
      const pid = /process (\d+)/.exec(output)?.[1];
      if (pid !== undefined) return Number(pid);
    }
    throw new Error(`The command ended without an engine: ${output}`);
  }
});
