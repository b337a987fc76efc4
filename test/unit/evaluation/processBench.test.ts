// Finding the first wrong step: the prediction, the report, and rows that are not of the layout.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  firstErrorReport,
  predictedError,
  readFirstErrorCases,
  type FirstErrorCase,
} from '../../../server/src/evaluation/processBench.ts';
import { evaluateTraces, type PathScorer } from '../../../server/src/evaluation/scoredTraces.ts';

/** A step's text is its score. */
const spoken: PathScorer = ({ steps }) => Promise.resolve(steps.map(Number));
const solution = (label: number, ...steps: number[]): FirstErrorCase => ({
  problem: 'P',
  steps: steps.map(String),
  label,
});

describe('predictedError', () => {
  it('is the first step below the threshold, or -1', () => {
    expect(predictedError([0.9, 0.4, 0.1], 0.5)).toBe(1);
    expect(predictedError([0.9, 0.5], 0.5)).toBe(-1);
    expect(predictedError([], 0.5)).toBe(-1);
  });
});

describe('firstErrorReport', () => {
  it('counts both kinds and takes their harmonic mean', async () => {
    const cases = [
      solution(0, 0.1, 0.9),
      solution(1, 0.1, 0.2), // named too early
      solution(2, 0.9, 0.8, 0.7), // not named
      solution(-1, 0.9),
      solution(-1, 0.9, 0.2), // named, though correct
    ];
    expect(await firstErrorReport(cases, spoken, { threshold: 0.5 })).toEqual({
      erroneous: { count: 3, right: 1, accuracy: 1 / 3 },
      correct: { count: 2, right: 1, accuracy: 1 / 2 },
      f1: (2 * (1 / 3) * (1 / 2)) / (1 / 3 + 1 / 2),
    });
  });

  it('is null where one kind is absent, 0 where nothing was right', async () => {
    expect(await firstErrorReport([solution(0, 0.1)], spoken, { threshold: 0.5 })).toMatchObject({
      correct: { count: 0, accuracy: null },
      f1: null,
    });
    const wrong = [solution(0, 0.9), solution(-1, 0.1)];
    expect(await firstErrorReport(wrong, spoken, { threshold: 0.5 })).toMatchObject({ f1: 0 });
  });

  it('refuses a scorer that loses a step', async () => {
    const losing: PathScorer = ({ steps }) => Promise.resolve(steps.slice(1).map(Number));
    await expect(firstErrorReport([solution(0, 0.1, 0.2)], losing, { threshold: 0.5 })).rejects.toThrow(
      '2 steps were given 1 scores.',
    );
  });
});

describe('evaluateTraces', () => {
  it('measures labelled steps only', async () => {
    const traces = [
      {
        problem: 'P',
        steps: [
          { text: '0.9', label: 'correct' as const },
          { text: '0.8', label: 'neutral' as const },
          { text: '0.7', label: 'incorrect' as const },
          { text: '0.2', label: 'unlabelled' as const },
        ],
      },
      { problem: 'Q', steps: [{ text: '0.1', label: 'incorrect' as const }] },
    ];
    const metrics = await evaluateTraces(traces, spoken, { threshold: 0.5 });
    expect(metrics).toMatchObject({ steps: 3, incorrect: 2, balancedAccuracy: 0.75, auroc: 1 });
    expect(metrics?.accuracy).toBeCloseTo(2 / 3, 12);
  });
});

describe('readFirstErrorCases', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'prm-processbench-'));
    file = path.join(folder, 'cases.jsonl');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('reads rows and leaves further fields alone', async () => {
    const row = { problem: 'P', steps: ['a', 'b'], label: 1 };
    await writeFile(file, `${JSON.stringify({ id: 'gsm8k-0', generator: 'x', ...row })}\n\n`);
    expect(await readFirstErrorCases(file)).toEqual([row]);
  });

  it('names file, line and what is wrong', async () => {
    const good = JSON.stringify({ problem: 'P', steps: ['a'], label: 0 });
    const refused = async (line: string): Promise<string> => {
      await writeFile(file, `${good}\n${line}\n`);
      return readFirstErrorCases(file).then(
        () => 'accepted',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    };
    expect(await refused('{"problem"')).toContain(`${file}, line 2: The line is not a row of ProcessBench (`);
    expect(await refused('{"problem": "P", "steps": ["a"], "label": 1}')).toContain(
      'label 1 is beyond the last of 1 steps',
    );
    expect(await refused('{"problem": "P", "steps": ["a"], "label": "N/A"}')).toContain('label');
    await rm(file);
    await expect(readFirstErrorCases(file)).rejects.toThrow(`${file}: The file cannot be read (ENOENT`);
  });
});
