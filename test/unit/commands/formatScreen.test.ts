// What `prm format` prints.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { printFormatReport } from '../../../server/src/commands/formatScreen.ts';
import type { FormatReport, InputReport } from '../../../server/src/datasets/format/formatReport.ts';

const input: InputReport = {
  source: { dataset: 'rows.jsonl', files: [{ path: 'rows.jsonl', bytes: 10, sha256: '0' }] },
  layout: {
    name: 'trl-stepwise',
    title: 'TRL stepwise supervision',
    by: 'recognition',
    evidence: ['All 200 rows looked at have `prompt`.'],
  },
  reading: {
    reading: 'attempts',
    by: 'vote',
    evidence: {
      rows: 1000,
      severalAnswers: 990,
      answerOnlyAtEnd: 10,
      labelsFallOnce: 470,
      elements: 4000,
      elementsWithLines: 3996,
      madeAsSteps: 0,
    },
  },
  rows: 1002,
  usedRows: 1000,
  problems: 300,
  paths: 4000,
  steps: 20_000,
  skipped: [{ reason: 'unknown label', count: 2, firstRows: [7, 9], firstDetail: 'number 1: "maybe"' }],
  emptySteps: 5,
  stepsWithoutLabel: 3,
  wrappers: { Phi: 1000 },
  sides: {
    train: { before: { correct: 12_000, incorrect: 6000 }, after: { correct: 6000, incorrect: 6000 } },
    validation: { before: { correct: 1997, incorrect: 0 }, after: { correct: 1997, incorrect: 0 } },
  },
};

const report: FormatReport = {
  inputs: [input],
  rows: 1002,
  problems: 300,
  emptyStepPolicy: 'drop',
  shuffled: false,
  provenance: false,
  sides: {
    train: {
      problems: 270,
      before: { correct: 12_000, incorrect: 6000 },
      after: { correct: 6000, incorrect: 6000 },
      balanced: true,
    },
    validation: {
      problems: 30,
      before: { correct: 1997, incorrect: 0 },
      after: { correct: 1997, incorrect: 0 },
      balanced: false,
    },
  },
  warnings: ['Take care.'],
  files: {
    folder: 'out',
    train: 'out/prm_train.jsonl',
    validation: 'out/prm_val.jsonl',
    info: 'out/dataset_info.json',
  },
  seconds: 1.23,
};

function printed(colour: boolean, shown = report): string {
  const stdout = new PassThrough();
  printFormatReport(shown, { stdout, colour });
  return (stdout.read() as Buffer).toString();
}

describe('printFormatReport', () => {
  it('shows every count, the evidence, the skipped rows and the files', () => {
    expect(printed(false)).toMatchInlineSnapshot(`
      "Dataset       rows.jsonl
      Layout        TRL stepwise supervision, recognised
                    All 200 rows looked at have \`prompt\`.
      Completions   read as attempts, by a vote of all rows
                    1,000 rows have two completions or more. A final answer stands
                      in the last completion only: 1.0 % (steps of one solution)
                      in two completions or more: 99.0 % (whole attempts)
                    labels fall once and stay: 47.0 % of the rows; several lines: 99.9 % of the completions
                    each line of an attempt is a step and takes the attempt's label
      Rows          1,002 read, 300 problems, 4,000 paths
      Steps         20,005, 5 of them empty and left out
                    3 are neutral or unlabelled: they stay in their path, without an example
      Prompts       Phi wrapper taken off in 1,000 rows
      Skipped       2 × unknown label, row 7, 9 (the first: number 1: "maybe")

                               problems  examples  correct  incorrect
      train, before balancing              18,000   12,000      6,000
      train, balanced               270    12,000    6,000      6,000
      validation                     30     1,997    1,997          0

      Warning: Take care.
      Written       out/prm_train.jsonl, out/prm_val.jsonl, out/dataset_info.json
      Time          1.2 s
      "
    `);
  });

  it('shows each of several inputs, and its part in the training file', () => {
    const critic: InputReport = {
      source: { dataset: 'owner/critic', hub: { id: 'owner/critic', revision: 'abc' }, files: [] },
      layout: { name: 'processbench', title: 'ProcessBench', by: 'option', evidence: [] },
      weight: 1,
      count: 50,
      rows: 80,
      usedRows: 50,
      problems: 40,
      paths: 50,
      steps: 400,
      skipped: [],
      emptySteps: 0,
      stepsWithoutLabel: 0,
      wrappers: {},
      sides: {
        train: { before: { correct: 200, incorrect: 100 }, after: { correct: 100, incorrect: 100 } },
        validation: { before: { correct: 50, incorrect: 50 }, after: { correct: 50, incorrect: 50 } },
      },
    };
    const both = { ...report, inputs: [{ ...input, weight: 60 }, critic], rows: 1082, shuffled: true };
    const text = printed(false, both);
    expect(text.slice(text.indexOf('Dataset       owner'), text.indexOf('train, before')))
      .toMatchInlineSnapshot(`
      "Dataset       owner/critic at abc
      Layout        ProcessBench, as asked
      Rows          80 read, 50 of them chosen by the seed, 40 problems, 50 paths
      Steps         400

      Together      1,082 rows read, 300 problems
                    rows.jsonl (weight 60): 12,000 training examples, 98.4 %; 6,000 left out
                    owner/critic (weight 1): 200 training examples, 1.6 %; 100 left out
      Order         random, by the seed

                               problems  examples  correct  incorrect
      "
    `);
  });

  it('colours only when asked', () => {
    expect(printed(false)).not.toContain('\u001b');
    expect(printed(true)).toContain('\u001b[');
  });
});
