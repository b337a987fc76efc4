// Summaries of real files, beside figures counted by hand (or by a few lines of another language).
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import { openTable } from '../../../../server/src/datasets/table/openTable.ts';
import { summarise, type SummaryOptions } from '../../../../server/src/datasets/summary/summarise.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { memoryTable } from '../../../support/memoryTable.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');

async function summaryOf(file: string, options?: SummaryOptions): Promise<DatasetSummary> {
  const table = await openTable(path.join(ROOT, file));
  try {
    return await summarise(table, options);
  } finally {
    await table.close();
  }
}

describe('summarise', () => {
  it('counts the bundled sample: 5,998 rows, 31,614 steps, 8,603 of them false', async () => {
    const summary = await summaryOf('samples/gsm8k-stepwise-sample.parquet');
    expect(summary).toMatchObject({
      layout: { layout: 'trl-stepwise' },
      rows: 5998,
      traceRows: 5998,
      traces: 5998,
      problems: 880,
      problemsExact: true,
      steps: 31_614,
      labels: { correct: 31_614 - 8603, incorrect: 8603, neutral: 0, unlabelled: 0 },
      softLabels: 0,
      wrappers: { Phi: 5998 },
      faults: [],
    });
    const counts = summary.stepsPerTrace?.histogram.counts ?? [];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5998);
    const errors = summary.firstError?.histogram.counts ?? [];
    expect(errors.reduce((sum, count) => sum + count, 0)).toBe(summary.tracesWithError);
    expect(summary.columns.map(({ name, nulls, empty }) => ({ name, nulls, empty }))).toEqual([
      { name: 'prompt', nulls: 0, empty: 0 },
      { name: 'completions', nulls: 0, empty: 0 },
      { name: 'labels', nulls: 0, empty: 0 },
    ]);
    expect(summary.columns[0]).toMatchObject({ distinct: 880, distinctExact: true });
    expect(summary.schema.parquet?.rowGroups.reduce((sum, { rows }) => sum + rows, 0)).toBe(5998);
  });

  it('counts the fixture of step rows', async () => {
    expect(await summaryOf('test/fixtures/stepwise/reading-steps.jsonl')).toMatchObject({
      rows: 40,
      problems: 24,
      steps: 184,
      emptySteps: 0,
      labels: { correct: 143, incorrect: 41, neutral: 0, unlabelled: 0 },
      tracesWithError: 10,
      stepsPerTrace: { min: 3, median: 5, max: 8, mean: 184 / 40 },
      firstError: { min: 1, median: 2, max: 4, histogram: { edges: [1, 2, 3, 4, 5], counts: [2, 4, 3, 1] } },
    });
  });

  it('counts every rated completion of PRM800K once, however many paths share it', async () => {
    const { steps, labels, rows, layout } = await summaryOf(
      'test/fixtures/datasets/prm800k/raw-6-rows.jsonl',
    );
    // By hand: 73 rated completions (55 of 1, 15 of -1, 3 of 0) and two steps that the labeler wrote.
    expect({ rows, steps, layout: layout.layout }).toEqual({ rows: 6, steps: 75, layout: 'prm800k' });
    expect(labels.incorrect).toBe(15);
    expect(labels.neutral).toBe(3);
    expect(labels.correct + labels.unlabelled).toBe(57);
  });

  it.each([
    [
      'written-here/processbench.jsonl',
      { rows: 3, steps: 7, tracesWithError: 2, firstError: { min: 1, max: 2 } },
    ],
    ['written-here/er-prm.jsonl', { rows: 2, steps: 4, softLabels: 2 }],
    ['written-here/rlhflow.jsonl', { rows: 2, steps: 4, labels: { correct: 3, incorrect: 1 } }],
    ['bigbench-mistake/8-rows.jsonl', { rows: 8, traceRows: 8 }],
    ['versaprm/11-questions.json', { rows: 11, traceRows: 11 }],
  ])('summarises %s', async (file, expected) => {
    expect(await summaryOf(`test/fixtures/datasets/${file}`)).toMatchObject(expected);
  });

  it('counts a formatted file by its examples, and says what they mean', async () => {
    const example = (index: number, label: 0 | 1) => {
      const reasoningPath = ['a = 1', '', 'b = 2'].slice(0, index + 1);
      return {
        problem: 'p',
        step: reasoningPath[index],
        previous_steps: reasoningPath.slice(0, index),
        reasoning_path: reasoningPath,
        label,
        step_index: index,
        total_steps: 3,
      };
    };
    const summary = await summarise(memoryTable([example(0, 1), example(1, 1), example(2, 0)]));
    expect(summary).toMatchObject({
      layout: { layout: 'formatted' },
      rows: 3,
      steps: 3,
      emptySteps: 1,
      labels: { correct: 2, incorrect: 1, neutral: 0, unlabelled: 0 },
      firstError: { min: 3, max: 3 },
    });
    expect(summary.layout.evidence.at(-1)).toMatch(/^A row is one example/);
  });

  it('groups faults by reason, with their first rows', async () => {
    const sound = { prompt: 'p', completions: ['a'], labels: [true] };
    const uneven = { prompt: 'p', completions: ['a'], labels: [] };
    const rows = [sound, ...Array.from({ length: 7 }, () => uneven), 'the line is not JSON', sound];
    const { faults, traceRows } = await summarise(memoryTable(rows));
    expect(traceRows).toBe(2);
    expect(faults).toMatchObject([
      { count: 7, firstRows: [2, 3, 4, 5, 6] },
      { reason: 'the line is not JSON', count: 1, firstRows: [9] },
    ]);
  });

  it('summarises rows of no layout, and no rows at all', async () => {
    const summary = await summarise(memoryTable([{ a: 1 }, { a: null, b: 'x' }, { a: 3 }]));
    expect(summary).toMatchObject({ layout: { layout: null }, rows: 3, traceRows: 0, stepsPerTrace: null });
    expect(summary.columns).toEqual([
      {
        name: 'a',
        type: 'number',
        nulls: 1,
        empty: 0,
        distinct: 2,
        distinctExact: true,
        min: 1,
        max: 3,
        mean: 2,
        length: null,
      },
      {
        name: 'b',
        type: 'string',
        nulls: 2,
        empty: 0,
        distinct: 1,
        distinctExact: true,
        min: null,
        max: null,
        mean: null,
        length: { min: 1, mean: 1, max: 1 },
      },
    ]);
    expect(await summarise(memoryTable([]))).toMatchObject({ rows: 0, faults: [], columns: [] });
  });

  it('tells null, empty and missing apart from values in its columns', async () => {
    const values = ['', [], null, 'abc', [1, 2], 2n ** 60n, Number.NaN, -1.5, true, new Uint8Array(5)];
    const rows = [...values.map((a) => ({ a })), {}];
    const [column] = (await summarise(memoryTable(rows, { columns: [{ name: 'a', type: 'mixed' }] })))
      .columns;
    expect(column).toEqual({
      name: 'a',
      type: 'mixed',
      nulls: 2,
      empty: 2,
      distinct: 9,
      distinctExact: true,
      min: -1.5,
      max: 2 ** 60,
      mean: (2 ** 60 - 1.5) / 2,
      length: { min: 0, mean: (0 + 0 + 3 + 2 + 5) / 5, max: 5 },
    });
  });

  it('keeps to 1,000 columns', async () => {
    const row = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`c${index}`, index]));
    expect((await summarise(memoryTable([row, row]))).columns).toHaveLength(1000);
  });

  it('reads another layout when told to', async () => {
    const file = 'test/fixtures/stepwise/reading-steps.jsonl';
    const { layout, traceRows, faults } = await summaryOf(file, { layout: 'processbench' });
    expect(layout.layout).toBe('processbench');
    expect(traceRows).toBe(0);
    expect(faults.reduce((sum, { count }) => sum + count, 0)).toBe(40);
  });

  it('tells how far it is, and stops when asked', async () => {
    const stop = new AbortController();
    const shares: number[] = [];
    const rows = Array.from({ length: 100 }, () => ({ prompt: 'p', completions: ['a'], labels: [true] }));
    const work = summarise(memoryTable(rows, { batchRows: 25 }), {
      signal: stop.signal,
      onProgress: (share) => {
        shares.push(share);
        if (share === 0.5) stop.abort();
      },
    });
    await expect(work).rejects.toThrow(CancelledError);
    expect(shares).toEqual([0.25, 0.5]);
  });
});
