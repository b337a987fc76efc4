// Formatted examples, joined back into paths.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExampleJoiner, readTraces } from '../../../server/src/datasets/formattedTraces.ts';
import type { Example, Trace } from '../../../server/src/datasets/trace.ts';
import { seededRandom } from '../../../server/src/support/random.ts';
import { writeJsonl } from '../../support/stepwise.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'traces-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function tracesOf(examples: readonly unknown[]): Promise<Trace[]> {
  const file = path.join(folder, 'prm_train.jsonl');
  writeJsonl(file, examples);
  const traces: Trace[] = [];
  for await (const trace of readTraces(file)) traces.push(trace);
  return traces;
}

function examplesOf({ problem, steps }: Trace): Example[] {
  const texts = steps.map(({ text }) => text);
  return steps.map(({ text, label }, index) => ({
    problem,
    step: text,
    previous_steps: texts.slice(0, index),
    reasoning_path: texts.slice(0, index + 1),
    label: label === 'correct' ? 1 : 0,
    step_index: index,
    total_steps: steps.length,
  }));
}

/** What a model would see: the problem, the steps up to the labelled one, and its label. */
function inputs(traces: readonly Trace[]): string[] {
  return traces
    .flatMap(({ problem, steps }) =>
      steps.flatMap(({ label }, index) =>
        label === 'unlabelled'
          ? []
          : [JSON.stringify([problem, steps.slice(0, index + 1).map(({ text }) => text), label])],
      ),
    )
    .sort();
}

/** Few words, so that paths share beginnings and problems come twice. */
const traces = fc.array(
  fc.record({
    problem: fc.constantFrom('p', 'q'),
    steps: fc.array(
      fc.record({
        text: fc.constantFrom('a', 'b', 'c'),
        label: fc.constantFrom('correct' as const, 'incorrect' as const),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  { maxLength: 8 },
);

describe('readTraces', () => {
  it('gives whole paths back', async () => {
    const path1: Trace = {
      problem: 'p',
      steps: [
        { text: 'a', label: 'correct' },
        { text: 'b', label: 'incorrect' },
      ],
    };
    const path2: Trace = { problem: 'p', steps: [{ text: 'a', label: 'correct' }] };
    const list = [path1, path1, path2];
    expect(await tracesOf(list.flatMap(examplesOf))).toEqual(list);
  });

  it('keeps the share of a step that has one, and refuses what is none', async () => {
    const [first, second] = examplesOf({
      problem: 'P',
      steps: [
        { text: 'a', label: 'correct' },
        { text: 'b', label: 'incorrect' },
      ],
    });
    expect(
      await tracesOf([
        { ...first, soft: 0.75 },
        { ...second, soft: null },
      ]),
    ).toEqual([
      {
        problem: 'P',
        steps: [
          { text: 'a', label: 'correct', soft: 0.75 },
          { text: 'b', label: 'incorrect' },
        ],
      },
    ]);
    await expect(tracesOf([{ ...first, soft: 1.5 }])).rejects.toThrow(
      '`soft` is missing or of the wrong kind',
    );
  });

  it('takes only line feeds for the ends of lines: JSON holds the other separators as they are', async () => {
    const steps = ['a\u2028b', 'c\u2029d'].map((text) => ({ text, label: 'correct' as const }));
    const list: Trace[] = [{ problem: 'p\u2028q', steps }];
    expect(await tracesOf(list.flatMap(examplesOf))).toEqual(list);
    const file = path.join(folder, 'windows.jsonl');
    // More than is read at once, with characters that lie across its end.
    const long = Array.from({ length: 1000 }, (_, index): Trace => {
      return { problem: `${index}${'é'.repeat(1000)}`, steps: [{ text: 'a', label: 'correct' }] };
    });
    const lines = long.flatMap(examplesOf).map((example) => JSON.stringify(example));
    writeFileSync(file, lines.join('\r\n\r\n'));
    const read: Trace[] = [];
    for await (const trace of readTraces(file)) read.push(trace);
    expect(read).toEqual(long);
  });

  it('marks steps that balancing dropped as unlabelled', async () => {
    const whole = examplesOf({
      problem: 'p',
      steps: ['a', 'b', 'c', 'd'].map((text) => ({ text, label: 'correct' })),
    });
    expect(await tracesOf([whole[0], whole[2]])).toEqual([
      {
        problem: 'p',
        steps: [
          { text: 'a', label: 'correct' },
          { text: 'b', label: 'unlabelled' },
          { text: 'c', label: 'correct' },
        ],
      },
    ]);
  });

  it('keeps every example once, with its own steps before it, for any choice and order', async () => {
    await fc.assert(
      fc.asyncProperty(traces, fc.integer(), async (list, seed) => {
        const random = seededRandom(seed);
        const chosen = random.shuffle(list.flatMap(examplesOf).filter(() => random.float() < 0.7));
        const expected = chosen
          .map(({ problem, reasoning_path: steps, label }) =>
            JSON.stringify([problem, steps, label === 1 ? 'correct' : 'incorrect']),
          )
          .sort();
        expect(inputs(await tracesOf(chosen))).toEqual(expected);
      }),
    );
  });

  it('joins a shuffled file into as many paths as there were, where their texts differ', async () => {
    const list = Array.from({ length: 20 }, (_, index): Trace => ({
      problem: `problem ${index % 5}`,
      steps: ['a', 'b', 'c'].map((text) => ({ text: `${text} ${index}`, label: 'correct' })),
    }));
    const joined = await tracesOf(seededRandom(7).shuffle(list.flatMap(examplesOf)));
    expect(joined).toHaveLength(20);
    expect(joined).toEqual(expect.arrayContaining(list));
  });

  it('says which line breaks the contract, and how', async () => {
    const [example] = examplesOf({ problem: 'p', steps: [{ text: 'a', label: 'correct' }] });
    const place = path.join(folder, 'prm_train.jsonl, line 2');
    const remedy = 'Format the dataset again.';
    const broken: [unknown, string][] = [
      ['{"problem":', 'the line is not JSON'],
      [{}, "the example's `problem` is missing or of the wrong kind"],
      [{ ...example, label: true }, "the example's `label` is missing or of the wrong kind"],
      [{ ...example, label: -100 }, "the example's `label` is missing or of the wrong kind"],
      [
        { ...example, reasoning_path: ['b'] },
        "the example's `reasoning_path` is missing or of the wrong kind",
      ],
      [
        { ...example, previous_steps: ['z'] },
        "the example's `previous_steps` is missing or of the wrong kind",
      ],
      [{ ...example, step_index: 1 }, "the example's `step_index` is missing or of the wrong kind"],
      [{ ...example, total_steps: 0 }, "the example's `total_steps` is missing or of the wrong kind"],
    ];
    for (const [line, what] of broken) {
      await expect(tracesOf([example, line])).rejects.toThrow(`${place}: ${what}. ${remedy}`);
    }
  });

  it('says when the file is not there', async () => {
    const file = path.join(folder, 'none.jsonl');
    await expect(readTraces(file).next()).rejects.toThrow(
      `${file}: there is no such file. Give a folder made by prm format.`,
    );
  });

  it('stops when it is cancelled', async () => {
    const file = path.join(folder, 'prm_train.jsonl');
    writeJsonl(file, examplesOf({ problem: 'p', steps: [{ text: 'a', label: 'correct' }] }));
    await expect(readTraces(file, { signal: AbortSignal.abort() }).next()).rejects.toThrow('Cancelled.');
  });
});

describe('ExampleJoiner', () => {
  const rows = examplesOf({
    problem: 'p',
    steps: [
      { text: 'a', label: 'correct' },
      { text: 'b', label: 'incorrect' },
    ],
  });

  it('takes rows of any source, int64 of Parquet included', () => {
    const joiner = new ExampleJoiner();
    for (const row of rows) {
      const stored = {
        ...row,
        label: BigInt(row.label),
        step_index: BigInt(row.step_index),
        total_steps: BigInt(row.total_steps),
      };
      expect(joiner.add(stored)).toBeUndefined();
    }
    expect(joiner.traces).toEqual([
      {
        problem: 'p',
        steps: [
          { text: 'a', label: 'correct' },
          { text: 'b', label: 'incorrect' },
        ],
      },
    ]);
  });

  it('says why a row is no example, and goes on', () => {
    const joiner = new ExampleJoiner();
    expect(joiner.add({ ...rows[0], label: 0.5 })).toEqual({
      reason: "the example's `label` is missing or of the wrong kind",
      detail: '0.5',
      place: ['label'],
    });
    expect(joiner.add({})).toMatchObject({ place: ['problem'] });
    expect(joiner.add({ ...rows[0] })).toBeUndefined();
    expect(joiner.traces).toHaveLength(1);
  });
});
