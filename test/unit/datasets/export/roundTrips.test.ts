// What goes out of a trace into a target and back through our readers is the same trace, or is said to be left out.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportTraces, type ExportOptions } from '../../../../server/src/datasets/export/exportTraces.ts';
import type { ExportReport } from '../../../../server/src/datasets/export/exportReport.ts';
import { readBack } from '../../../../server/src/datasets/export/readBack.ts';
import { TARGET_TABLE } from '../../../../server/src/datasets/export/targets/index.ts';
import { EXPORT_TARGETS, type TargetName } from '../../../../server/src/datasets/export/targets/target.ts';
import { TraceExporter } from '../../../../server/src/datasets/export/traceExporter.ts';
import type { Label, Step, Trace } from '../../../../server/src/datasets/trace.ts';
import { writeJsonl } from '../../../support/stepwise.ts';
import { tracesOf } from '../../../support/traces.ts';

const SEEN = { labels: { correct: 1, incorrect: 1, neutral: 1, unlabelled: 1 }, soft: 1 };

/** Texts with everything that a layout may stumble over; trimmed, as readers give them. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom(
      'Step 1: add',
      'see Step 1: and Step 2: below',
      'яблоки',
      'ки',
      'a\n\nb',
      '+',
      '-',
      '<|user|>\nhi<|end|>',
      '[INST] x [/INST]',
      '"quoted", \\escaped\\',
      '#### 7',
      'ends with ки',
      '\u0000 null',
      '🙂 é é',
    ),
  )
  .map((value) => value.trim());
const problem = text.filter((value) => value !== '');
const label = fc.constantFrom<Label>('correct', 'incorrect', 'neutral', 'unlabelled');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ text, label }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(text, fc.double({ min: 0.01, max: 0.99, noNaN: true }))
      .map(([words, soft]): Step => ({
        text: words,
        label: soft === 0.5 ? 'neutral' : soft > 0.5 ? 'correct' : 'incorrect',
        soft,
      })),
  },
);
const trace: fc.Arbitrary<Trace> = fc.record({
  problem,
  steps: fc
    .array(step, { minLength: 1, maxLength: 6 })
    .filter((steps) => steps.some((one) => one.text !== '')),
});

/** One that only has labels which every target can hold. */
const plainText = fc.stringMatching(/^[A-Za-z0-9,.=+ -]{1,30}$/).map((value) => `x${value.trim()}`);
const plainTrace: fc.Arbitrary<Trace> = fc
  .record({
    problem: plainText.map((value) => `${value}?`),
    texts: fc.array(plainText, { minLength: 1, maxLength: 6 }),
    wrong: fc.boolean(),
  })
  .map(({ problem: words, texts, wrong }) => ({
    problem: words,
    steps: texts.map((value, index): Step => {
      const last = index === texts.length - 1;
      return { text: value, label: last && wrong ? 'incorrect' : 'correct' };
    }),
  }));

function exported(target: TargetName, one: Trace, lossy = false): { read: Trace[]; exporter: TraceExporter } {
  const exporter = new TraceExporter(TARGET_TABLE[target], SEEN, lossy);
  const rows = exporter.rowsOf({ problem: one.problem, emptySteps: 0, traces: [one] }, 1);
  // As a file gives them.
  const fields = rows.map((row) => JSON.parse(JSON.stringify(row)) as Record<string, unknown>);
  return { read: readBack(TARGET_TABLE[target], fields) ?? [], exporter };
}

describe.each(EXPORT_TARGETS)('%s', (target) => {
  it('gives any trace back as it was, or leaves it out and says why', () => {
    let kept = 0;
    fc.assert(
      fc.property(trace, (one) => {
        const { read, exporter } = exported(target, structuredClone(one));
        if (exporter.paths === 0) {
          expect(exporter.leftOut).toMatchObject([{ paths: 1, firstRows: [1] }]);
          expect(read).toEqual([]);
        } else {
          kept++;
          expect(read).toEqual([one]);
          expect(exporter.leftOut).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
    expect(kept).toBeGreaterThan(20);
  });

  it('holds every trace whose labels and texts are plain', () => {
    fc.assert(
      fc.property(plainTrace, (one) => {
        expect(exported(target, structuredClone(one)).read).toEqual([one]);
      }),
      { numRuns: 300 },
    );
  });

  it('never changes a trace silently when --lossy allows changes', () => {
    fc.assert(
      fc.property(trace, (one) => {
        const { read, exporter } = exported(target, structuredClone(one), true);
        if (exporter.paths === 0) expect(exporter.leftOut).toHaveLength(1);
        else if (exporter.converted.length === 0) expect(read).toEqual([one]);
        else {
          expect(exporter.converted.every(({ rule }) => rule !== undefined)).toBe(true);
          expect(read.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('files through circles', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'circles-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function exportTo(
    from: string,
    target: TargetName,
    name: string,
    options: Partial<ExportOptions> = {},
  ): Promise<ExportReport> {
    return exportTraces({
      inputs: [{ dataset: from }],
      target,
      file: path.join(folder, name),
      completions: 'auto',
      lossy: false,
      overwrite: true,
      ...options,
    });
  }

  const SOURCE = path.resolve(import.meta.dirname, '../../../fixtures/stepwise/reading-steps.jsonl');

  it.each([
    ['jsonl', ['prm800k', 'math-shepherd', 'trl']],
    ['parquet', ['prm800k', 'math-shepherd', 'trl']],
    ['parquet', ['formatted', 'trl', 'prm800k', 'formatted', 'math-shepherd', 'trl']],
    ['jsonl', ['math-shepherd', 'formatted', 'prm800k', 'trl']],
  ] as const)('TRL in real rows, as %s over %j', async (ending, targets) => {
    // Rows that the strictest of the targets leaves out go first, so that the rest can be compared.
    await exportTo(SOURCE, 'math-shepherd', 'held.jsonl');
    await exportTo(path.join(folder, 'held.jsonl'), 'trl', 'start.jsonl');
    const start = await tracesOf(path.join(folder, 'start.jsonl'));
    expect(start.length).toBeGreaterThan(20);
    let from = path.join(folder, 'start.jsonl');
    for (const [index, target] of targets.entries()) {
      const name = `${index}.${ending}`;
      const report = await exportTo(from, target, name);
      expect(report).toMatchObject({ leftOut: [], converted: [], paths: start.length });
      from = path.join(folder, name);
    }
    expect(await tracesOf(from)).toEqual(start);
  });

  it('ProcessBench over PRM800K and TRL', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      id: `gsm8k-${index}`,
      generator: 'g',
      problem: `What is ${index} + 1?`,
      steps: ['Add.', `It is ${index}.`, `So ${index}.`, 'Done ки.'],
      final_answer_correct: false,
      label: (index % 5) - 1,
    }));
    writeJsonl(path.join(folder, 'pb.jsonl'), rows);
    const start = await tracesOf(path.join(folder, 'pb.jsonl'));
    await exportTo(path.join(folder, 'pb.jsonl'), 'prm800k', 'pb-800k.parquet');
    await exportTo(path.join(folder, 'pb-800k.parquet'), 'trl', 'pb-trl.parquet');
    const back = await exportTo(path.join(folder, 'pb-trl.parquet'), 'processbench', 'pb-back.jsonl');
    expect(back).toMatchObject({ leftOut: [], paths: 30 });
    expect(await tracesOf(path.join(folder, 'pb-back.jsonl'))).toEqual(start);
  });

  it('PRM800K with alternatives stays what it is', async () => {
    const completion = (words: string, rating: number | null) => ({ text: words, rating, flagged: false });
    const row = {
      is_quality_control_question: false,
      is_initial_screening_question: false,
      question: { problem: 'How many?', ground_truth_answer: '4' },
      label: {
        steps: [
          {
            completions: [completion('First.', 1), completion('Else.', -1), completion('Other.', 0)],
            human_completion: null,
            chosen_completion: 0,
          },
          { completions: [completion('Wrong.', -1)], human_completion: null, chosen_completion: null },
        ],
        finish_reason: 'found_error',
      },
    };
    writeJsonl(path.join(folder, 'raw.jsonl'), [row]);
    const report = await exportTo(path.join(folder, 'raw.jsonl'), 'prm800k', 'again.jsonl');
    expect(report).toMatchObject({ rows: 1, paths: 3, leftOut: [] });
    const start = await tracesOf(path.join(folder, 'raw.jsonl'));
    expect(await tracesOf(path.join(folder, 'again.jsonl'))).toEqual(start);

    const trl = await exportTo(path.join(folder, 'raw.jsonl'), 'trl', 'raw-trl.jsonl');
    expect(trl.leftOut).toMatchObject([{ what: 'alternatives to a part of another path', paths: 2 }]);
    const lossy = await exportTo(path.join(folder, 'raw.jsonl'), 'trl', 'raw-trl.jsonl', { lossy: true });
    expect(lossy.converted.map(({ what, paths }) => [what, paths])).toEqual([
      ['alternatives to a part of another path', 2],
      ['neutral labels', 1],
    ]);
    expect(lossy.paths).toBe(3);
  });
});
