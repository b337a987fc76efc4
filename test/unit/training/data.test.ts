// From traces to paths: labels at the right steps, long paths cut at a step border, nothing lost uncounted.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Example, Label, Trace } from '../../../server/src/datasets/trace.ts';
import type { Family } from '../../../server/src/models/families/family.ts';
import type { Tokenizer } from '../../../server/src/models/tokenizer.ts';
import {
  addPath,
  emptyPathSet,
  fingerprint,
  readPaths,
  type Encoder,
} from '../../../server/src/training/data.ts';

/** One token a character, 1 behind each step: easy to count by hand. */
const characters: Tokenizer = {
  vocabularySize: 256,
  beginning: [],
  encode: (text) => Array.from(text, (character) => character.charCodeAt(0) & 0xff),
  idOf: () => 1,
};
const spelled: Family = {
  name: 'spelled',
  encode({ problem, steps }, tokenizer) {
    const ids = tokenizer.encode(problem);
    const scorePositions = steps.map((step) => ids.push(...tokenizer.encode(step), 1) - 1);
    return { ids: Int32Array.from(ids), scorePositions: Int32Array.from(scorePositions) };
  },
};
const encoder = (maxLength: number): Encoder => ({
  family: spelled,
  tokenizer: characters,
  maxLength,
  vocabularySize: 256,
});

const trace = (problem: string, ...steps: [text: string, label: Label][]): Trace => ({
  problem,
  steps: steps.map(([text, label]) => ({ text, label })),
});

describe('addPath', () => {
  it('weighs labelled steps 1 and others 0, and ends at the last labelled one', () => {
    const set = emptyPathSet();
    const long = trace('P', ['a', 'correct'], ['b', 'unlabelled'], ['c', 'incorrect'], ['ddd', 'neutral']);
    addPath(set, long, encoder(100));
    expect(set.paths).toEqual([
      {
        ids: Int32Array.from([80, 97, 1, 98, 1, 99, 1]),
        scorePositions: Int32Array.from([2, 4, 6]),
        labels: Uint8Array.from([1, 0, 0]),
        targets: Float32Array.from([1, 0, 0]),
        weights: Float32Array.from([1, 0, 1]),
      },
    ]);
    expect(set.counts).toEqual({
      paths: 1,
      tokens: 7,
      correct: 1,
      incorrect: 1,
      soft: 0,
      unlabelled: 1,
      emptySteps: 0,
      cutPaths: 0,
      cutSteps: 0,
      droppedPaths: 0,
    });
  });

  it('leaves steps without text out, as no text that is scored has one', () => {
    const set = emptyPathSet();
    addPath(set, trace('P', ['a', 'correct'], ['', 'correct'], ['b', 'incorrect']), encoder(100));
    const without = emptyPathSet();
    addPath(without, trace('P', ['a', 'correct'], ['b', 'incorrect']), encoder(100));
    expect(set.paths).toEqual(without.paths);
    expect(set.counts).toEqual({ ...without.counts, emptySteps: 1 });
  });

  it('cuts a path that is too long behind the last step that fits', () => {
    const set = emptyPathSet();
    addPath(
      set,
      trace('P', ['a', 'correct'], ['b', 'correct'], ['c', 'incorrect'], ['d', 'incorrect']),
      encoder(6),
    );
    expect(set.paths[0]?.ids).toEqual(Int32Array.from([80, 97, 1, 98, 1]));
    expect(set.counts).toMatchObject({ paths: 1, cutPaths: 1, cutSteps: 2, droppedPaths: 0, incorrect: 0 });
  });

  it('leaves out a path without a labelled step that fits', () => {
    const set = emptyPathSet();
    addPath(set, trace('a long problem', ['a', 'correct']), encoder(10));
    addPath(set, trace('P', ['a', 'unlabelled']), encoder(10));
    expect(set.paths).toEqual([]);
    expect(set.counts).toMatchObject({ paths: 0, droppedPaths: 2, cutPaths: 1, cutSteps: 1 });
  });
});

describe('readPaths', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'prm-data-'));
    file = path.join(folder, 'prm_train.jsonl');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const example = (problem: string, steps: string[], label: 0 | 1): Example => ({
    problem,
    step: steps.at(-1) ?? '',
    previous_steps: steps.slice(0, -1),
    reasoning_path: steps,
    label,
    step_index: steps.length - 1,
    total_steps: 2,
  });
  const lines = (...examples: object[]): Promise<void> =>
    writeFile(file, examples.map((one) => `${JSON.stringify(one)}\n`).join(''));

  it('packs all steps of one path into one', async () => {
    await lines(example('P', ['a'], 1), example('P', ['a', 'b'], 0), example('Q', ['c', 'd'], 1));
    const { paths, counts } = await readPaths(file, encoder(100));
    expect(paths.map(({ weights }) => [...weights])).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(counts).toMatchObject({ paths: 2, correct: 2, incorrect: 1, unlabelled: 1 });
  });

  it('takes the first ones, or a sample that the seed decides', async () => {
    await lines(
      ...Array.from({ length: 50 }, (_, index) => example(String.fromCharCode(33 + index), ['a'], 1)),
    );
    const firstIds = async (options: object): Promise<number[]> =>
      (await readPaths(file, { ...encoder(100), maxPaths: 10, ...options })).paths.map(
        ({ ids }) => ids[0] ?? -1,
      );
    expect(await firstIds({})).toEqual(Array.from({ length: 10 }, (_, index) => 33 + index));
    const sample = await firstIds({ sampleSeed: 3 });
    expect(new Set(sample).size).toBe(10);
    expect(await firstIds({ sampleSeed: 3 })).toEqual(sample);
    expect(await firstIds({ sampleSeed: 4 })).not.toEqual(sample);
  });

  it('names file and line of a broken example', async () => {
    await lines(example('P', ['a'], 1), { ...example('P', ['a', 'b'], 1), label: 2 });
    await expect(readPaths(file, encoder(100))).rejects.toThrow(
      `${file}, line 2: the example's \`label\` is missing or of the wrong kind. Format the dataset again.`,
    );
    await writeFile(file, '{"problem": "P"');
    await expect(readPaths(file, encoder(100))).rejects.toThrow(`${file}, line 1: the line is not JSON.`);
  });

  it('stops when it is told to', async () => {
    await lines(...Array.from({ length: 200 }, (_, index) => example(`P${index}`, ['a'], 1)));
    await expect(readPaths(file, { ...encoder(100), signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'CancelledError',
    });
  });
});

describe('fingerprint', () => {
  it('changes with anything that training reads', () => {
    const print = (...steps: [string, Label][]): string => {
      const set = emptyPathSet();
      addPath(set, trace('P', ...steps), encoder(100));
      return fingerprint([set]);
    };
    const prints = [
      print(['ab', 'correct']),
      print(['ac', 'correct']),
      print(['ab', 'incorrect']),
      print(['a', 'correct'], ['b', 'correct']),
      print(['a', 'unlabelled'], ['b', 'correct']),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(print(['ab', 'correct'])).toBe(prints[0]);
  });
});
