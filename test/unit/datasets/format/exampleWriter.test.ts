// The bytes of formatted examples.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExampleWriter } from '../../../../server/src/datasets/format/exampleWriter.ts';
import type { Example, Trace } from '../../../../server/src/datasets/trace.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'example-writer-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Texts with quotes, control characters, lone surrogates and every plane of Unicode. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\u2028', '\ud800', '😀', 'é', 'ки') }),
);
const traces = fc.array(
  fc.record({
    problem: texts,
    steps: fc.array(
      fc.record(
        {
          text: texts,
          label: fc.constantFrom('correct' as const, 'incorrect' as const),
          soft: fc.double({ min: 0, max: 1, noNaN: true }),
        },
        { requiredKeys: ['text', 'label'] },
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    ),
  }),
  { maxLength: 4 },
);

function examplesOf({ problem, steps }: Trace): Example[] {
  const all = steps.map(({ text }) => text);
  return steps.map(({ text, label, soft }, index) => ({
    problem,
    step: text,
    previous_steps: all.slice(0, index),
    reasoning_path: all.slice(0, index + 1),
    label: label === 'correct' ? 1 : 0,
    ...(soft === undefined ? {} : { soft }),
    step_index: index,
    total_steps: all.length,
  }));
}

let files = 0;

async function written(list: readonly Trace[]): Promise<Buffer> {
  const file = path.join(folder, `${files++}.jsonl`);
  const writer = await ExampleWriter.create(file);
  for (const trace of list) {
    writer.begin(trace);
    for (const [index, { label }] of trace.steps.entries()) await writer.write(index, label === 'correct');
  }
  await writer.finish();
  return readFile(file);
}

function expected(list: readonly Trace[]): string {
  return list
    .flatMap(examplesOf)
    .map((example) => `${JSON.stringify(example)}\n`)
    .join('');
}

describe('ExampleWriter', () => {
  it('writes the bytes that JSON.stringify gives for the contract', async () => {
    await fc.assert(
      fc.asyncProperty(traces, async (list) => {
        expect((await written(list)).toString()).toBe(expected(list));
      }),
    );
  });

  it('writes paths larger than its buffers', async () => {
    const steps = Array.from({ length: 24 }, (_, index) => ({
      text: `${index} ${'длинный шаг '.repeat(4000)}`,
      label: 'correct' as const,
    }));
    const list = [
      { problem: 'p', steps },
      { problem: 'q', steps: steps.slice(0, 3) },
    ];
    expect((await written(list)).equals(Buffer.from(expected(list)))).toBe(true);
  });

  it('does not write over a file', async () => {
    const file = path.join(folder, 'there.jsonl');
    await (await ExampleWriter.create(file)).finish();
    await expect(ExampleWriter.create(file)).rejects.toThrow('EEXIST');
  });
});
