// Formatting several datasets together: parts by weight and count, one split, order, provenance; and other layouts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatDataset } from '../../../../server/src/datasets/format/format.ts';
import type { FormatOptions, InputChoice } from '../../../../server/src/datasets/format/formatOptions.ts';
import type { FormatReport } from '../../../../server/src/datasets/format/formatReport.ts';
import { readTraces } from '../../../../server/src/datasets/formattedTraces.ts';
import type { Example, Trace } from '../../../../server/src/datasets/trace.ts';
import { stepwiseRows, writeJsonl } from '../../../support/stepwise.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mixed-'));
  // 300 examples each way: 300 rows of 100 problems.
  writeJsonl(path.join(folder, 'trl.jsonl'), stepwiseRows(300));
  // 60 problems of five steps, the third one wrong: 120 correct, 60 incorrect, 120 unlabelled.
  writeJsonl(
    path.join(folder, 'bench.jsonl'),
    Array.from({ length: 60 }, (_, index) => ({
      id: `b${index}`,
      problem: `Which ${index}?`,
      steps: ['One.', 'Two.', `Three ${index}.`, 'Four.', 'Five.'],
      label: 2,
    })),
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);

function mix(inputs: InputChoice[], options: Partial<FormatOptions> = {}): Promise<FormatReport> {
  return formatDataset({
    inputs: inputs.map((input) => ({ ...input, dataset: at(input.dataset) })),
    outputDir: at('out'),
    balance: false,
    valRatio: 0.1,
    seed: 42,
    completions: 'auto',
    overwrite: false,
    ...options,
  });
}

const text = (name: string): string => readFileSync(path.join(folder, 'out', name), 'utf8');

type Sourced = Example & { source?: { dataset: string; row: number; layout: string; id?: string } };

function examples(name = 'prm_train.jsonl'): Sourced[] {
  return text(name)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sourced);
}

function bySource(list: readonly Sourced[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { source } of list) {
    const name = path.basename(source?.dataset ?? '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const BOTH = [{ dataset: 'trl.jsonl' }, { dataset: 'bench.jsonl' }];

describe('several datasets', () => {
  it('give all their examples, each with its layout and counts in report and dataset_info.json', async () => {
    const report = await mix(BOTH, { valRatio: 0 });
    expect(examples()).toHaveLength(600 + 180);
    expect(report.inputs).toMatchObject([
      { layout: { name: 'trl-stepwise' }, rows: 300, steps: 600, reading: { reading: 'steps' } },
      { layout: { name: 'processbench' }, rows: 60, steps: 300, stepsWithoutLabel: 120 },
    ]);
    expect(report).toMatchObject({ rows: 360, problems: 160, shuffled: true });
    expect(report.inputs[1]).not.toHaveProperty('reading');
    expect(JSON.parse(text('dataset_info.json'))).toMatchObject({
      inputs: [
        { layout: { name: 'trl-stepwise', chosen_by: 'recognition' }, examples: { train: { correct: 300 } } },
        { layout: { name: 'processbench' }, reading: null, examples: { train: { incorrect: 60 } } },
      ],
      options: { shuffle: true },
    });
  });

  it('are split together: a problem of both falls on one side', async () => {
    const rows = stepwiseRows(300).map(({ prompt }) => ({
      problem: prompt.replace(/<\|\w+\|>\n?/g, '').trim(),
      steps: ['a', 'b'],
      label: -1,
    }));
    writeJsonl(at('same.jsonl'), rows);
    const report = await mix([{ dataset: 'trl.jsonl' }, { dataset: 'same.jsonl' }], { valRatio: 0.3 });
    expect(report.problems).toBe(100);
    const problems = (name: string) => new Set(examples(name).map(({ problem }) => problem));
    const [train, validation] = [problems('prm_train.jsonl'), problems('prm_val.jsonl')];
    expect([...validation].filter((problem) => train.has(problem))).toEqual([]);
    expect(train.size + validation.size).toBe(100);
  });

  it('give examples in the proportion of their weights, as many as there are', async () => {
    const weights = [
      { dataset: 'trl.jsonl', weight: 1 },
      { dataset: 'bench.jsonl', weight: 3 },
    ];
    expect((await mix(weights, { valRatio: 0, provenance: true })).warnings).toEqual([]);
    expect(bySource(examples())).toEqual({ 'trl.jsonl': 60, 'bench.jsonl': 180 });
    const report = await mix(weights, { valRatio: 0, provenance: true, balance: true });
    // bench.jsonl has 60 wrong steps, so 120 balanced examples.
    expect(bySource(examples())).toEqual({ 'trl.jsonl': 40, 'bench.jsonl': 120 });
    expect(report.sides.train).toMatchObject({ after: { correct: 80, incorrect: 80 }, balanced: true });
    expect(report.inputs.map(({ sides }) => sides.train.after)).toEqual([
      { correct: 20, incorrect: 20 },
      { correct: 60, incorrect: 60 },
    ]);
  });

  it('give as many rows as counted, chosen by the seed', async () => {
    const counts = [
      { dataset: 'trl.jsonl', count: 50 },
      { dataset: 'bench.jsonl', count: 1000 },
    ];
    const rowsOf = () =>
      new Set(
        examples()
          .filter(({ source }) => source?.layout === 'trl-stepwise')
          .map(({ source }) => source?.row),
      );
    const report = await mix(counts, { valRatio: 0, provenance: true });
    expect(report.inputs).toMatchObject([
      { rows: 300, usedRows: 50, steps: 100, count: 50 },
      { rows: 60, usedRows: 60, count: 1000 },
    ]);
    expect(report.warnings).toEqual([
      `${at('bench.jsonl')} has 60 rows that can be used, not 1000; all are taken.`,
    ]);
    const first = rowsOf();
    expect(first.size).toBe(50);
    await mix(counts, { valRatio: 0, provenance: true, seed: 43 });
    expect(rowsOf()).not.toEqual(first);
  });

  it('give the same bytes for the same seed, and the same lines in another order for another one', async () => {
    const bytes = async (options: Partial<FormatOptions>): Promise<string> => {
      await mix(BOTH, { valRatio: 0, ...options });
      return text('prm_train.jsonl');
    };
    const first = await bytes({});
    expect(await bytes({})).toBe(first);
    const other = await bytes({ seed: 7 });
    expect(other).not.toBe(first);
    const inOrder = await bytes({ shuffle: false });
    const sorted = (lines: string): string[] => lines.split('\n').sort();
    expect(sorted(other)).toEqual(sorted(first));
    expect(sorted(inOrder)).toEqual(sorted(first));
    // Each dataset's examples are spread over the file.
    const half = examples().length / 2;
    expect(first.split('\n').slice(0, half).join('').match(/Which/g)?.length).toBeGreaterThan(50);
  });

  it('keep where each example came from, and training reads such files', async () => {
    await mix(BOTH, { valRatio: 0, provenance: true, shuffle: false });
    const list = examples();
    expect(list[0]?.source).toEqual({ dataset: at('trl.jsonl'), row: 1, layout: 'trl-stepwise' });
    expect(list.at(-1)?.source).toEqual({
      dataset: at('bench.jsonl'),
      row: 60,
      layout: 'processbench',
      id: 'b59',
    });
    const traces: Trace[] = [];
    for await (const trace of readTraces(at('out/prm_train.jsonl'))) traces.push(trace);
    expect(traces).toHaveLength(360);
    expect(traces.at(-1)?.steps.map(({ label }) => label)).toEqual(['correct', 'correct', 'incorrect']);
  });

  it.each([
    [[{ dataset: 'trl.jsonl', weight: 1 }, { dataset: 'bench.jsonl' }], 'not every dataset has one'],
    [
      [
        { dataset: 'trl.jsonl', weight: 1 },
        { dataset: 'bench.jsonl', count: 3 },
      ],
      '--weight and --count cannot be mixed',
    ],
    [
      [
        { dataset: 'trl.jsonl', weight: 0 },
        { dataset: 'bench.jsonl', weight: 1 },
      ],
      '--weight: 0 is no number above 0',
    ],
    [[{ dataset: 'trl.jsonl', count: 0.5 }], '--count: 0.5 is no integer above 0'],
    [[{ dataset: 'trl.jsonl' }, { dataset: 'trl.jsonl' }], 'the dataset is named twice'],
    [[], 'no dataset is named'],
  ])('refuse %j', async (inputs: InputChoice[], message) => {
    await expect(mix(inputs)).rejects.toThrow(message);
  });

  it('name the one that has nothing to weigh', async () => {
    writeJsonl(at('good.jsonl'), [{ problem: 'x', steps: ['a', 'b'], label: -1 }]);
    const weights = [
      { dataset: 'trl.jsonl', weight: 1 },
      { dataset: 'good.jsonl', weight: 1 },
    ];
    await expect(mix(weights, { valRatio: 0, balance: true })).rejects.toThrow(
      'good.jsonl: every labelled step of its training side is correct (2 steps), so balancing would leave nothing',
    );
  });
});

describe('layouts', () => {
  it('are recognised, and rows of another layout are skipped rows', async () => {
    const lines =
      readFileSync(at('bench.jsonl'), 'utf8') +
      readFileSync(at('trl.jsonl'), 'utf8').split('\n', 2).join('\n');
    writeFileSync(at('both.jsonl'), lines);
    const report = await mix([{ dataset: 'both.jsonl' }], { valRatio: 0 });
    expect(report.inputs[0]).toMatchObject({
      layout: { name: 'processbench', by: 'recognition' },
      rows: 62,
      skipped: [
        { reason: 'the row has another layout: TRL stepwise supervision', count: 2, firstRows: [61, 62] },
      ],
    });
    expect(report.inputs[0]?.layout.evidence.join(' ')).toContain('The file mixes layouts.');
  });

  it('can be named instead', async () => {
    const report = await mix([{ dataset: 'bench.jsonl', layout: 'processbench' }], { valRatio: 0 });
    expect(report.inputs[0]?.layout.by).toBe('option');
    await expect(mix([{ dataset: 'bench.jsonl', layout: 'versaprm' }])).rejects.toThrow(
      'none of the 60 rows can be used, read as VersaPRM',
    );
  });

  it('without labels are refused with what they are for', async () => {
    writeJsonl(at('gsm8k.jsonl'), [{ question: 'What is 1 + 1?', answer: '1 + 1 = <<1+1=2>>2\n#### 2' }]);
    await expect(mix([{ dataset: 'gsm8k.jsonl' }])).rejects.toThrow(
      /no step labels \(the layout of GSM8K\)\. Such data is what labelled traces are made from/,
    );
  });

  it('that nobody knows are refused with what was found', async () => {
    writeJsonl(at('odd.jsonl'), [{ a: 1, b: [2] }]);
    await expect(mix([{ dataset: 'odd.jsonl' }])).rejects.toThrow(
      'odd.jsonl: no known layout fits the rows. 1 row fits no layout; the fields are `a`, `b`. Give --layout',
    );
  });

  it('follow the policies', async () => {
    const completion = (words: string, rating: number) => ({ text: words, rating, flagged: false });
    writeJsonl(at('raw.jsonl'), [
      {
        question: { problem: 'How many?' },
        label: {
          steps: [
            { completions: [completion('First.', 1), completion('Else.', -1)], chosen_completion: 0 },
            { completions: [completion('Hm.', 0)], chosen_completion: 0 },
          ],
          finish_reason: 'solution',
        },
      },
    ]);
    const labels = async (options: Partial<FormatOptions>) => {
      await mix([{ dataset: 'raw.jsonl' }], { valRatio: 0, ...options });
      return examples().map(({ step, label }) => [step, label]);
    };
    expect(await labels({})).toEqual([
      ['First.', 1],
      ['Else.', 0],
    ]);
    expect(await labels({ neutral: 'correct', alternatives: false })).toEqual([
      ['First.', 1],
      ['Hm.', 1],
    ]);
  });

  it('of formatted examples are joined back into paths, so that formatting again gives the same', async () => {
    const options = { valRatio: 0, shuffle: false };
    await mix([{ dataset: 'bench.jsonl' }], options);
    const first = text('prm_train.jsonl');
    writeFileSync(at('again.jsonl'), `${first}{"problem": 1}\n`);
    const report = await mix([{ dataset: 'again.jsonl' }], options);
    expect(report.inputs[0]).toMatchObject({
      layout: { name: 'formatted' },
      rows: 181,
      usedRows: 60,
      paths: 60,
      skipped: [{ count: 1, firstRows: [181] }],
    });
    // Steps behind the last labelled one are not in the file.
    expect(text('prm_train.jsonl')).toBe(first.replaceAll('"total_steps":5', '"total_steps":3'));
  });
});
