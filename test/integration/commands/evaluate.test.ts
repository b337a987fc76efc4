// `prm evaluate` and `prm export-model` as a user runs them: the built program, with a small model and labelled data.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runPrm, type Ended } from '../../support/prm.ts';
import { writeSmallModel } from '../../support/smallModel.ts';
import { formatSample, SAMPLE } from '../../support/tinyTraining.ts';

let root: string;
let model: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-evaluate-'));
  model = await writeSmallModel(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const prm = (...argv: string[]): Promise<Ended> => runPrm(argv, { cwd: root });

const rate = z.number().min(0).max(1);
const evaluationSchema = z.object({
  model: z.object({ name: z.string(), modelFolder: z.string(), device: z.string() }),
  data: z.string(),
  threshold: rate,
  traces: z.int(),
  tooLong: z.int(),
  skippedRows: z.int(),
  metrics: z.object({ steps: z.int(), incorrect: z.int(), accuracy: rate, auroc: rate.nullable() }),
  firstError: z
    .object({
      erroneous: z.object({ count: z.int(), right: z.int() }),
      correct: z.object({ count: z.int(), right: z.int() }),
    })
    .nullable(),
  report: z.object({
    step: z.int(),
    calibration: z.array(z.object({ steps: z.int() })),
    worst: z.array(z.object({ score: rate, loss: z.number() })),
  }),
});

async function evaluated(...argv: string[]): Promise<z.infer<typeof evaluationSchema>> {
  const ended = await prm('evaluate', '--model', model, '--device', 'cpu', '--json', ...argv);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return evaluationSchema.parse(JSON.parse(ended.stdout));
}

/** ProcessBench's layout: a wrong solution, a correct one, one whose first step is wrong, and one that is too long. */
async function writeCases(name: string): Promise<string> {
  const steps = ['3 x 12 = 36.', '36 - 5 = 30.', 'The answer is 30.'];
  const problem = 'Tom has 3 boxes of 12 pens and gives 5 away. How many are left?';
  const long = Array.from({ length: 80 }, () => 'He has 3 x 12 = 36 pens in all of his boxes.');
  const rows = [
    { problem, steps, label: 1 },
    { problem, steps: ['3 x 12 = 36.', '36 - 5 = 31.'], label: -1 },
    { problem: `${problem} Say it.`, steps, label: 0 },
    { problem, steps: long, label: 70 },
  ].map((row, index) => ({ id: `gsm8k-${index}`, generator: 'g', final_answer_correct: false, ...row }));
  const file = path.join(root, name);
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

describe('prm evaluate', () => {
  it('measures on the validation examples of prm format', async () => {
    await formatSample(path.join(root, 'data'));
    const found = await evaluated('--data', 'data');
    expect(found).toMatchObject({ data: path.join('data', 'prm_val.jsonl'), tooLong: 0, skippedRows: 0 });
    expect(found.metrics.steps).toBe(found.report.calibration.reduce((sum, { steps }) => sum + steps, 0));
    expect(found.metrics.incorrect).toBeGreaterThan(0);
    const { worst } = found.report;
    expect(worst.map(({ loss }) => loss)).toEqual(worst.map(({ loss }) => loss).toSorted((a, b) => b - a));
  });

  it('measures on a dataset, first errors too, and leaves out what the model cannot read', async () => {
    const found = await evaluated('--dataset', await writeCases('cases.jsonl'));
    expect(found).toMatchObject({ traces: 3, tooLong: 1 });
    // Steps behind the first error have no label.
    expect(found.metrics).toMatchObject({ steps: 2 + 2 + 1, incorrect: 2 });
    expect(found.firstError).toMatchObject({ erroneous: { count: 2 }, correct: { count: 1 } });
    const never = await evaluated('--dataset', 'cases.jsonl', '--threshold', '0');
    expect(never.firstError).toMatchObject({ erroneous: { right: 0 }, correct: { right: 1 } });
    const always = await evaluated('--dataset', 'cases.jsonl', '--threshold', '1');
    expect(always.firstError).toMatchObject({ erroneous: { right: 1 }, correct: { right: 0 } });
  });

  it('shows a table', async () => {
    const { status, stdout } = await prm(
      ...['evaluate', '--model', model, '--device', 'cpu', '--dataset', SAMPLE, '--max_examples', '6'],
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Model +small \(0\.\dM parameters\) on cpu$/m);
    expect(stdout).toMatch(/^ +\d+ labelled steps, \d+ of them incorrect$/m);
    expect(stdout).toMatch(/^Accuracy +\d+\.\d %, at a threshold of 0\.5$/m);
    expect(stdout).toMatch(/^First error +found in/m);
    expect(stdout).toMatch(/^Worst +(?:in)?correct step, scored 0\.\d{3}: /m);
  });

  it.each([
    [[], /^prm: There is nothing to measure on\. Give --data/],
    [['--data', 'nowhere'], /^prm: nowhere: There are no formatted examples/],
    [['--data', 'a', '--dataset', 'b'], /cannot be used with option/],
    [['--dataset', 'none.jsonl'], /^prm: none\.jsonl: /],
  ])('refuses %j', async (argv, message) => {
    const { status, stderr, stdout } = await prm('evaluate', '--model', model, ...argv);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('says that no step is labelled', async () => {
    await writeFile(
      path.join(root, 'unlabelled.jsonl'),
      `${JSON.stringify({ question: 'Two and two?', answer: 'It is <<2+2=4>>4.\n#### 4' })}\n`,
    );
    const { status, stderr } = await prm('evaluate', '--model', model, '--dataset', 'unlabelled.jsonl');
    expect(stderr).toMatch(/No step is labelled correct or incorrect/);
    expect(status).toBe(2);
  });
});

describe('prm export-model', () => {
  it('writes a folder that scores the same, and says so', async () => {
    const { status, stdout, stderr } = await prm(
      'export-model',
      '--model',
      model,
      '--to',
      'hf',
      '--output_dir',
      'out',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Wrote small to .*out \(\d+\.\d kB of weights\)\.$/m);
    const [ours, theirs] = await Promise.all(
      [model, 'out'].map(async (folder) => {
        const file = path.join(root, 'cases.txt');
        await writeFile(file, 'What is 3 x 12?\n\nStep 1: 3 x 12 = 36.\nStep 2: The answer is 36.\n');
        const { stdout: json } = await prm('score', '--model', folder, '--device', 'cpu', '--json', file);
        return z.object({ steps: z.array(z.object({ score: z.number() })) }).parse(JSON.parse(json)).steps;
      }),
    );
    expect(theirs).toEqual(ours);
  });

  it.each([
    [['--to', 'onnx', '--output_dir', 'out'], /has other files in it.*--overwrite/],
    [
      ['--to', 'hf', '--output_dir', 'new', '--dtype', 'int4'],
      /Allowed choices are float32, bfloat16, float16/,
    ],
  ])('refuses %j', async (argv, message) => {
    const { status, stderr } = await prm('export-model', '--model', model, ...argv);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
    expect(await readdir(root)).not.toContain('new');
  });
});
