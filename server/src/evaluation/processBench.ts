// ProcessBench's task: name the first wrong step, or say that there is none (Zheng et al., 2024, arXiv:2412.06559).
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ReasoningPath } from '../models/families/family.ts';
import { messageOf, PrmError, throwIfCancelled } from '../support/errors.ts';
import { scorePaths, type EvaluationHooks, type PathScorer } from './scoredTraces.ts';

const rowSchema = z.object({
  problem: z.string(),
  steps: z.array(z.string()).min(1),
  label: z.int().min(-1),
});

/** A solution whose first wrong step is known. */
export interface FirstErrorCase extends ReasoningPath {
  /** 0-based index of the first wrong step; -1 where every step is correct. */
  label: number;
}

/**
 * Reads a JSONL file in ProcessBench's layout.
 * @throws PrmError naming file and line of a row that is not of that layout
 */
export async function readFirstErrorCases(
  file: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<FirstErrorCase[]> {
  const cases: FirstErrorCase[] = [];
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number++;
      throwIfCancelled(signal);
      if (line.trim() === '') continue;
      const row = rowSchema.parse(JSON.parse(line));
      if (row.label >= row.steps.length) {
        throw new RangeError(`label ${row.label} is beyond the last of ${row.steps.length} steps`);
      }
      cases.push(row);
    }
  } catch (error) {
    if (number === 0) {
      throw new PrmError({
        where: file,
        what: `The file cannot be read (${messageOf(error)})`,
        remedy: 'Check the path.',
        cause: error,
      });
    }
    throw new PrmError({
      where: `${file}, line ${number}`,
      what: `The line is not a row of ProcessBench (${error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)})`,
      remedy: 'Each line needs problem, steps and label: the 0-based first wrong step, or -1.',
      cause: error,
    });
  }
  return cases;
}

/** Solutions of one kind, and in how many the right answer was given. */
interface Hits {
  count: number;
  right: number;
  /** right / count; null where there is none. */
  accuracy: number | null;
}

export interface FirstErrorReport {
  /** Solutions with a wrong step: right where exactly the first one is named. */
  erroneous: Hits;
  /** Solutions without: right where no step is named. */
  correct: Hits;
  /** Harmonic mean of the two accuracies; null where one is. */
  f1: number | null;
}

/** The predicted first error: the first step that scores below the threshold, -1 where none does. */
export function predictedError(scores: readonly number[], threshold: number): number {
  return scores.findIndex((score) => score < threshold);
}

/** Runs the task over cases of both kinds. @param threshold score below which a step counts as incorrect */
export async function firstErrorReport(
  cases: readonly FirstErrorCase[],
  score: PathScorer,
  { threshold, ...hooks }: { threshold: number } & EvaluationHooks,
): Promise<FirstErrorReport> {
  const tally = { erroneous: { count: 0, right: 0 }, correct: { count: 0, right: 0 } };
  await scorePaths(cases, score, hooks, ({ label }, scores) => {
    const kind = tally[label === -1 ? 'correct' : 'erroneous'];
    kind.count++;
    if (predictedError(scores, threshold) === label) kind.right++;
  });
  const erroneous = withAccuracy(tally.erroneous);
  const correct = withAccuracy(tally.correct);
  return { erroneous, correct, f1: harmonicMean(erroneous.accuracy, correct.accuracy) };
}

function withAccuracy({ count, right }: { count: number; right: number }): Hits {
  return { count, right, accuracy: count === 0 ? null : right / count };
}

function harmonicMean(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}
