// Formatting from end to end: what is written, what is counted, and what is refused.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDataset, type FormatHooks } from '../../../../server/src/datasets/format/format.ts';
import type { FormatOptions } from '../../../../server/src/datasets/format/formatOptions.ts';
import type { FormatReport, InputReport } from '../../../../server/src/datasets/format/formatReport.ts';
import type { Example } from '../../../../server/src/datasets/trace.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { writeStepwiseParquet } from '../../../../scripts/lib/stepwiseParquet.ts';
import { stepwiseRows, writeJsonl } from '../../../support/stepwise.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/stepwise');
const SAMPLE = path.resolve(import.meta.dirname, '../../../../samples/gsm8k-stepwise-sample.parquet');

let folder: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'format-'));
  output = path.join(folder, 'out/formatted');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Of a run with one input: what is told of it and of the whole. */
type Report = Omit<InputReport, 'sides' | 'source'> & FormatReport;
type Options = Partial<FormatOptions> & { dataset?: string };

async function format(
  { dataset = path.join(folder, 'rows.jsonl'), ...options }: Options,
  hooks: FormatHooks = {},
): Promise<Report> {
  const defaults: FormatOptions = {
    inputs: [{ dataset }],
    outputDir: output,
    balance: true,
    valRatio: 0.1,
    seed: 42,
    completions: 'auto',
    emptySteps: 'keep',
    overwrite: false,
  };
  const report = await formatDataset({ ...defaults, ...options }, hooks);
  const [input] = report.inputs;
  if (input === undefined) throw new Error('There is no input.');
  return { ...input, ...report };
}

/** Formats rows given as objects, or as raw lines. */
function formatRows(rows: readonly unknown[], options: Options = {}): Promise<Report> {
  writeJsonl(path.join(folder, 'rows.jsonl'), rows);
  return format({ balance: false, valRatio: 0, ...options });
}

function examples(name: 'prm_train.jsonl' | 'prm_val.jsonl'): Example[] {
  return readFileSync(path.join(output, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Example);
}

/** The message, with the test's folder left out. */
async function refusal(formatting: Promise<unknown>): Promise<string> {
  const error: unknown = await formatting.then(
    () => new Error('not refused'),
    (thrown: unknown) => thrown,
  );
  return String(error instanceof Error ? error.message : error).replaceAll(`${folder}/`, '');
}

const good = { prompt: 'What is 1 + 1?', completions: ['1 + 1 = 2', '#### 2'], labels: [true, false] };

describe('what is written', () => {
  it('follows the contract, keys in order', async () => {
    await formatRows([good]);
    expect(readFileSync(path.join(output, 'prm_train.jsonl'), 'utf8')).toBe(
      '{"problem":"What is 1 + 1?","step":"1 + 1 = 2","previous_steps":[],"reasoning_path":["1 + 1 = 2"],' +
        '"label":1,"step_index":0,"total_steps":2}\n' +
        '{"problem":"What is 1 + 1?","step":"#### 2","previous_steps":["1 + 1 = 2"],' +
        '"reasoning_path":["1 + 1 = 2","#### 2"],"label":0,"step_index":1,"total_steps":2}\n',
    );
    expect(readFileSync(path.join(output, 'prm_val.jsonl'), 'utf8')).toBe('');
  });

  it('balances each side exactly and shares no problem between them, on the bundled sample', async () => {
    const report = await format({ dataset: SAMPLE });
    const train = examples('prm_train.jsonl');
    const validation = examples('prm_val.jsonl');
    for (const side of [train, validation]) {
      expect(side.filter(({ label }) => label === 1)).toHaveLength(side.length / 2);
    }
    const problems = new Set(train.map(({ problem }) => problem));
    expect(validation.filter(({ problem }) => problems.has(problem))).toEqual([]);
    expect(new Set(validation.map(({ problem }) => problem)).size).toBeLessThanOrEqual(88);
    expect(report).toMatchObject({
      reading: { reading: 'steps', by: 'vote' },
      rows: 5998,
      problems: 880,
      paths: 5998,
      steps: 31_614,
      emptySteps: 774,
      wrappers: { Phi: 5998 },
      sides: { train: { problems: 792, balanced: true }, validation: { problems: 88, balanced: true } },
    });
    const { train: trainSide, validation: validationSide } = report.sides;
    expect(trainSide.after.correct + validationSide.after.correct).toBe(
      (train.length + validation.length) / 2,
    );
    expect(train.some(({ problem }) => problem.includes('<|'))).toBe(false);
    expect(statSync(output).mode & 0o055).not.toBe(0);
  });

  it('gives the same bytes for the same seed, from Parquet and JSONL alike, and others for another seed', async () => {
    const rows = stepwiseRows(300);
    writeStepwiseParquet(path.join(folder, 'rows.parquet'), rows, { rowGroupSize: 64 });
    writeJsonl(path.join(folder, 'rows.jsonl'), rows);
    const bytes = async (options: Options): Promise<string> => {
      await format(options);
      return ['prm_train.jsonl', 'prm_val.jsonl']
        .map((name) => readFileSync(path.join(output, name), 'utf8'))
        .join();
    };
    const first = await bytes({});
    const info = readFileSync(path.join(output, 'dataset_info.json'), 'utf8');
    expect(await bytes({})).toBe(first);
    expect(readFileSync(path.join(output, 'dataset_info.json'), 'utf8')).toBe(info);
    expect(await bytes({ dataset: path.join(folder, 'rows.parquet') })).toBe(first);
    expect(await bytes({ seed: 43 })).not.toBe(first);
  });

  // SHA-256 of the training and the validation file, one behind the other, as the first release wrote them.
  it.each([
    [SAMPLE, 'b31f456f1175f05a2fa06c11c4dd58f75aeb4c8304e4e5ec604442a7563f4ca2'],
    [
      path.join(FIXTURES, 'reading-steps.jsonl'),
      '1f214435ccbdd9038fdad85acf99519fa91d2a9b6ca5776ea1b27d258b7823b2',
    ],
    [
      path.join(FIXTURES, 'reading-attempts.jsonl'),
      '467c9cb3e69d6ae0e46fefa9bb88a91df9d846c85b065c89457ce26939a93cdc',
    ],
  ])('gives the bytes of earlier releases by default: %s', async (dataset, expected) => {
    await format({ dataset });
    const hash = createHash('sha256');
    for (const name of ['prm_train.jsonl', 'prm_val.jsonl']) {
      hash.update(readFileSync(path.join(output, name)));
    }
    expect(hash.digest('hex')).toBe(expected);
  });

  it('reads whole attempts: a path each, its label on every step', async () => {
    const report = await format({
      dataset: path.join(FIXTURES, 'reading-attempts.jsonl'),
      balance: false,
      valRatio: 0,
    });
    expect(report).toMatchObject({ reading: { reading: 'attempts', by: 'vote' }, rows: 25, paths: 100 });
    const [first] = readFileSync(path.join(FIXTURES, 'reading-attempts.jsonl'), 'utf8').split('\n');
    const row = JSON.parse(first ?? '') as { completions: string[]; labels: boolean[] };
    const expected = row.completions.flatMap((attempt, index) =>
      attempt.split('\n').map((step) => ({ step, label: row.labels[index] ? 1 : 0 })),
    );
    expect(
      examples('prm_train.jsonl')
        .slice(0, expected.length)
        .map(({ step, label }) => ({ step, label })),
    ).toEqual(expected);
  });

  it('takes the reading that is asked for', async () => {
    const dataset = path.join(FIXTURES, 'reading-attempts.jsonl');
    const report = await format({ dataset, completions: 'steps', balance: false });
    expect(report).toMatchObject({ reading: { reading: 'steps', by: 'option' }, paths: 25 });
  });

  it('reads as many source rows as --max_examples says', async () => {
    const report = await formatRows(stepwiseRows(100), { maxExamples: 7 });
    expect(report).toMatchObject({ rows: 7, problems: 3, steps: 14 });
    writeStepwiseParquet(path.join(folder, 'rows.parquet'), stepwiseRows(100), { rowGroupSize: 4 });
    const parquet = await format({ dataset: path.join(folder, 'rows.parquet'), maxExamples: 7 });
    expect(parquet.rows).toBe(7);
  });

  it('holds out a problem of a tiny dataset, all rows of it', async () => {
    const report = await formatRows(stepwiseRows(6), { valRatio: 0.1 });
    expect(report.sides).toMatchObject({ train: { problems: 1 }, validation: { problems: 1 } });
    expect(examples('prm_val.jsonl')).toHaveLength(6);
  });

  it('finds a problem again whose rows are apart, or wrapped otherwise', async () => {
    const rows = [
      good,
      { ...good, prompt: 'Another?' },
      { ...good, prompt: `<|user|>\n ${good.prompt}<|end|>\n` },
    ];
    const report = await formatRows(rows, { valRatio: 0.5 });
    expect(report.problems).toBe(2);
    const sides = [examples('prm_train.jsonl'), examples('prm_val.jsonl')];
    expect(sides.map((side) => new Set(side.map(({ problem }) => problem)).size)).toEqual([1, 1]);
  });

  const withEmpty = { ...good, completions: ['One.', ' ', '', 'Two.'], labels: [1, 1, 0, 0] };

  it('keeps empty steps as the source has them, and counts them', async () => {
    const report = await formatRows([withEmpty]);
    expect(report).toMatchObject({ steps: 4, emptySteps: 2, skipped: [] });
    expect(examples('prm_train.jsonl').at(-1)).toMatchObject({
      reasoning_path: ['One.', '', '', 'Two.'],
      step_index: 3,
      total_steps: 4,
    });
  });

  it('drops empty steps when asked, with their labels', async () => {
    const report = await formatRows([withEmpty], { emptySteps: 'drop' });
    expect(report).toMatchObject({ steps: 2, emptySteps: 2, skipped: [] });
    expect(examples('prm_train.jsonl').map(({ reasoning_path: steps, label }) => [steps, label])).toEqual([
      [['One.'], 1],
      [['One.', 'Two.'], 0],
    ]);
  });

  it('keeps steps without a label in the path, but makes no example of them', async () => {
    const row = { ...good, completions: ['a', 'b', 'c', 'd'], labels: [null, 0.5, '+', -100] };
    expect(await formatRows([row])).toMatchObject({ steps: 4, stepsWithoutLabel: 3 });
    expect(examples('prm_train.jsonl')).toEqual([
      {
        problem: good.prompt,
        step: 'c',
        previous_steps: ['a', 'b'],
        reasoning_path: ['a', 'b', 'c'],
        label: 1,
        step_index: 2,
        total_steps: 4,
      },
    ]);
  });

  it('reads labels as booleans, numbers, shares, signs and words', async () => {
    const labels = [true, 1, 0.9, '+', 'correct', 'True', false, 0, 0.1, '-', 'incorrect', 'false'];
    await formatRows([{ ...good, completions: labels.map((_, index) => `step ${index}`), labels }]);
    expect(examples('prm_train.jsonl').map(({ label }) => label)).toEqual([
      1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it('writes dataset_info.json with the source, the options and the counts', async () => {
    await formatRows([good, '{broken', good], { maxExamples: 10 });
    const info = JSON.parse(readFileSync(path.join(output, 'dataset_info.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(info).toMatchObject({
      made_by: 'prm format',
      inputs: [
        {
          dataset: path.join(folder, 'rows.jsonl'),
          files: [{ path: path.join(folder, 'rows.jsonl') }],
          hub: null,
          layout: { name: 'trl-stepwise', chosen_by: 'recognition' },
          reading: { completions: 'steps', chosen_by: 'vote' },
          counts: { rows: 3, problems: 1, paths: 2, steps: 4, skipped: [{ count: 1, first_rows: [2] }] },
          examples: { train: { correct: 2, incorrect: 2 } },
        },
      ],
      options: {
        max_examples: 10,
        balance: false,
        val_ratio: 0,
        seed: 42,
        completions: 'auto',
        empty_steps: 'keep',
        neutral: 'neutral',
        after_error: 'as-given',
        alternatives: true,
        quality_control: true,
        shuffle: false,
        provenance: false,
      },
      counts: { rows: 3, problems: 1 },
      splits: { train: { problems: 1, examples: { correct: 2, incorrect: 2 } } },
    });
    expect(JSON.stringify(info)).toMatch(/"sha256":"[0-9a-f]{64}"/);
  });

  it('tells how far it is', async () => {
    const seen: number[] = [];
    writeStepwiseParquet(path.join(folder, 'rows.parquet'), stepwiseRows(100), { rowGroupSize: 10 });
    await format(
      { dataset: path.join(folder, 'rows.parquet') },
      { onProgress: ({ done, total }) => seen.push(done / (total ?? 0)) },
    );
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen).toHaveLength(20);
    expect(seen.at(-1)).toBe(1);
  });
});

describe('rows that cannot be used', () => {
  it('are skipped, counted by reason, and named', async () => {
    const report = await formatRows([
      good,
      { prompt: 'x', completions: ['a'] },
      { ...good, labels: [true] },
      { ...good, labels: [true, 'maybe'] },
      { ...good, completions: ['a', 7] },
      { ...good, completions: 'a' },
      { ...good, prompt: ' ' },
      { ...good, prompt: 5 },
      { ...good, completions: [], labels: [] },
      { ...good, completions: ['', ' '] },
      { ...good, labels: [true] },
      '{"prompt": "cut',
    ]);
    expect(report.rows).toBe(12);
    expect(
      report.skipped.map(({ reason, count, firstRows, firstDetail }) => [
        reason,
        count,
        firstRows,
        firstDetail,
      ]),
    ).toEqual([
      ['`labels` is missing', 1, [2], undefined],
      ['lists of different length', 2, [3, 11], '2 completions, 1 labels'],
      ['unknown label', 1, [4], 'number 2: "maybe"'],
      ['a completion is no text', 1, [5], 'number 2: 7'],
      ['`completions` is no list', 1, [6], '"a"'],
      ['the problem is empty', 1, [7], undefined],
      ['`prompt` is neither text nor chat messages', 1, [8], '5'],
      ['no steps', 1, [9], undefined],
      ['all steps are empty', 1, [10], undefined],
      ['the line is not JSON', 1, [12], expect.stringContaining('JSON') as string],
    ]);
    expect(examples('prm_train.jsonl')).toHaveLength(2);
  });

  it('are left out where their examples would fill a disk', async () => {
    const row = (steps: number): string =>
      JSON.stringify({
        prompt: `problem ${steps}`,
        completions: Array.from({ length: steps }, (_, index) => `step ${index}`),
        labels: Array.from({ length: steps }, (_, index) => index !== 1),
      });
    writeFileSync(path.join(folder, 'rows.jsonl'), [100_000, 3, 4].map(row).join('\n'));
    const { skipped, usedRows } = await format({});
    expect(usedRows).toBe(2);
    expect(skipped).toEqual([
      {
        reason: 'a path has more than 2,000 steps, and every example repeats those before it',
        count: 1,
        firstRows: [1],
        firstDetail: '100,000 steps',
      },
    ]);
  });

  it('are refused where none is left', async () => {
    expect(await refusal(formatRows([{ ...good, labels: [true] }, { prompt: 'x' }, { prompt: 'y' }]))).toBe(
      'rows.jsonl: none of the 3 rows can be used, read as TRL stepwise supervision: 2 × `completions` is missing, first in row 2; ' +
        '1 × lists of different length, first in row 1 (2 completions, 1 labels). ' +
        'Give a dataset with step labels, or its layout with --layout.',
    );
    expect(existsSync(output)).toBe(false);
  });

  it('are refused where no step has a label', async () => {
    expect(await refusal(formatRows([{ ...good, labels: [null, null] }]))).toBe(
      'rows.jsonl: no step has a label that says correct or incorrect (2 have none). Give a labelled dataset.',
    );
  });
});

describe('one class only', () => {
  const correctOnly = stepwiseRows(30).map((row) => ({ ...row, labels: [true, true] }));

  it('is refused when balancing would leave nothing', async () => {
    expect(await refusal(formatRows(correctOnly, { balance: true }))).toBe(
      'rows.jsonl: every labelled step of the training side is correct (60 steps), so balancing would leave nothing. ' +
        'Give --no_balance to keep them, or a dataset with both kinds.',
    );
    expect(existsSync(output)).toBe(false);
  });

  it('is kept without balancing', async () => {
    const report = await formatRows(correctOnly, { balance: false });
    expect(report.sides.train.after).toEqual({ correct: 60, incorrect: 0 });
  });

  it('on the validation side alone is kept, with a warning', async () => {
    const rows = stepwiseRows(60).map((row, index) => (index === 0 ? row : { ...row, labels: [true, true] }));
    const report = await formatRows(rows, { balance: true, valRatio: 0.1, seed: 1 });
    expect(report.sides.train).toMatchObject({ balanced: true, after: { correct: 1, incorrect: 1 } });
    expect(report.sides.validation).toMatchObject({ balanced: false, after: { correct: 12, incorrect: 0 } });
    expect(report.warnings).toEqual([
      'Every labelled step of the validation side is correct, so it was left unbalanced. ' +
        'A larger --val_ratio or another --seed may give both kinds.',
    ]);
  });
});

describe('the output folder', () => {
  it('is refused where it holds something else, unless --overwrite is given', async () => {
    mkdirSync(output, { recursive: true });
    writeFileSync(path.join(output, 'notes.txt'), 'mine');
    expect(await refusal(formatRows([good]))).toBe(
      'out/formatted: the output folder exists and was not made by prm format. Give another --output_dir, ' +
        'or --overwrite to replace prm_train.jsonl, prm_val.jsonl, dataset_info.json in it.',
    );
    expect(readdirSync(output)).toEqual(['notes.txt']);
    await formatRows([good], { overwrite: true });
    expect(readFileSync(path.join(output, 'notes.txt'), 'utf8')).toBe('mine');
    expect(examples('prm_train.jsonl')).toHaveLength(2);
  });

  it('may be empty, or our own', async () => {
    mkdirSync(output, { recursive: true });
    await formatRows([good]);
    await formatRows([good, good]);
    expect(examples('prm_train.jsonl')).toHaveLength(4);
    expect(readdirSync(output).sort()).toEqual(['dataset_info.json', 'prm_train.jsonl', 'prm_val.jsonl']);
  });

  it('is not ours because of any dataset_info.json', async () => {
    mkdirSync(output, { recursive: true });
    writeFileSync(path.join(output, 'dataset_info.json'), '{"made_by": "somebody"}');
    expect(await refusal(formatRows([good]))).toContain('was not made by prm format');
    writeFileSync(path.join(output, 'dataset_info.json'), 'not JSON');
    expect(await refusal(formatRows([good]))).toContain('was not made by prm format');
  });

  it('cannot be a file, or lie under one', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(await refusal(formatRows([good], { outputDir: path.join(folder, 'file') }))).toBe(
      'file: the output folder cannot be made, a file of that name is there. Give another --output_dir.',
    );
    expect(await refusal(formatRows([good], { outputDir: path.join(folder, 'file/below') }))).toBe(
      'file/below: a part of the path is a file, not a folder. Give another --output_dir.',
    );
  });

  it('keeps its old files, and nothing half-written, when a new run is refused or cancelled', async () => {
    await formatRows([good]);
    const before = readFileSync(path.join(output, 'prm_train.jsonl'));
    await refusal(formatRows([{ prompt: 'x' }]));
    const cancelled = new AbortController();
    writeStepwiseParquet(path.join(folder, 'rows.parquet'), stepwiseRows(100), { rowGroupSize: 10 });
    await expect(
      format(
        { dataset: path.join(folder, 'rows.parquet') },
        {
          signal: cancelled.signal,
          onProgress: ({ done }) => {
            if (done > 70) cancelled.abort();
          },
        },
      ),
    ).rejects.toThrow(CancelledError);
    expect(readFileSync(path.join(output, 'prm_train.jsonl')).equals(before)).toBe(true);
    expect(readdirSync(output)).toHaveLength(3);
  });

  it('is left as it was when the disk is full', async () => {
    const { open } = await import('node:fs/promises');
    writeJsonl(path.join(folder, 'rows.jsonl'), stepwiseRows(30));
    const probe = await open(path.join(folder, 'rows.jsonl'));
    // Every open file shares this prototype; only formatting writes through it here.
    const prototype = Object.getPrototypeOf(probe) as { write: (...parts: unknown[]) => Promise<unknown> };
    await probe.close();
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const write = vi.spyOn(prototype, 'write').mockRejectedValue(full);
    try {
      expect(await refusal(format({}))).toBe(
        'out/formatted: the disk is full. Free some space or give another --output_dir. Nothing was left behind.',
      );
    } finally {
      write.mockRestore();
    }
    expect(readdirSync(path.dirname(output))).toEqual([]);
  });
});

describe('options', () => {
  it.each([
    [
      { valRatio: 1 },
      '--val_ratio: 1 is not from 0 to below 1. Give the share of problems to hold out, such as 0.1.',
    ],
    [
      { valRatio: Number.NaN },
      '--val_ratio: NaN is not from 0 to below 1. Give the share of problems to hold out, such as 0.1.',
    ],
    ...[0.5, -1, 2 ** 32, Number.NaN].map((seed): [Partial<FormatOptions>, string] => [
      { seed },
      `--seed must be a whole number from 0 to 4294967295, not ${seed}. Give one, such as 42.`,
    ]),
    [{ maxExamples: 0 }, '--max_examples: 0 is no integer above 0. Give the number of source rows to read.'],
  ])('%o is refused', async (options, message) => {
    expect(await refusal(formatRows([good], options))).toBe(message);
  });

  it.each([0, 2 ** 32 - 1])('takes the seed %d', async (seed) => {
    expect((await formatRows([good], { seed })).problems).toBe(1);
  });
});
