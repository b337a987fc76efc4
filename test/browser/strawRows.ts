// Generated dataset rows for tests of the page: every kind of cell, label and fault, by position.
import type { DatasetInfo, DatasetRow, TraceView } from '../../protocol/src/datasets.ts';
import type { Straw } from './datasetPage.ts';

export function info(rows: number, more: Partial<DatasetInfo> = {}): DatasetInfo {
  return {
    dataset: 'd1',
    path: '/data/traces.parquet',
    name: 'traces.parquet',
    kind: 'parquet',
    bytes: 5_000_000,
    columns: [
      { name: 'problem', type: 'string' },
      { name: 'steps', type: 'list<string>' },
      { name: 'answer', type: 'int64' },
      { name: 'note', type: 'string' },
    ],
    known: { rows, complete: true, share: 1 },
    layout: {
      layout: 'trl-stepwise',
      title: 'TRL stepwise',
      evidence: ['It has prompt, completions and labels.'],
      sampled: 100,
      counts: [{ layout: 'trl-stepwise', rows: 100 }],
    },
    ...more,
  };
}

/** Runs in the page: no outer names. */
function strawRow(position: number): DatasetRow {
  const number = position + 1;
  if (position % 50 === 17) {
    return { position, number, cells: [], fault: { reason: 'not JSON', detail: 'Unexpected end of input' } };
  }
  const steps = 1 + (position % 7);
  const wrong = position % 3 === 0 ? steps : null;
  const notes: DatasetRow['cells'] = [
    { kind: 'null', text: '' },
    { kind: 'missing', text: '' },
    { kind: 'empty', text: '' },
    { kind: 'text', text: 'checked' },
  ];
  return {
    position,
    number,
    cells: [
      {
        kind: 'text',
        text: `What is ${number} + ${number}? Explain how you came to the result.`,
        length: 50,
      },
      {
        kind: 'list',
        text: `["${number} + ${number} = ${2 * number}", "So it is ${2 * number}."]`,
        length: steps,
      },
      { kind: 'number', text: String(2 * number) },
      notes[position % 4] ?? { kind: 'null', text: '' },
    ],
    marks: {
      traces: position % 5 === 0 ? 3 : 1,
      steps,
      labels: Array.from({ length: steps }, (_, step) =>
        step + 1 === wrong
          ? 'incorrect'
          : step % 4 === 3
            ? 'neutral'
            : step % 4 === 2
              ? 'unlabelled'
              : 'correct',
      ),
      firstError: wrong,
    },
  };
}

/** Runs in the page: no outer names. */
function strawTrace(position: number, path: number, firstStep: number): TraceView {
  const totalSteps = 1 + (position % 7);
  return {
    position,
    number: position + 1,
    trace: {
      problem: `Problem of row ${position + 1}, path ${path}`,
      index: path,
      count: position % 5 === 0 ? 3 : 1,
      totalSteps,
      firstStep,
      steps: Array.from({ length: totalSteps }, (_, step) => ({
        number: step + 1,
        text: `Step ${step + 1} of row ${position + 1}`,
        label: 'correct',
        equations: [],
      })),
      firstError: null,
      labels: { correct: totalSteps, incorrect: 0, neutral: 0, unlabelled: 0 },
    },
    json: JSON.stringify({ row: position + 1 }),
  };
}

export function straw(rows = 1_000_000, more: Partial<Straw> = {}): Straw {
  return { info: info(rows), row: strawRow, trace: strawTrace, ...more };
}
