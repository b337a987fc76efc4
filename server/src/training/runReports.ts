// Reads what a run wrote about its evaluations, beyond their metrics: one JSON file each.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EvaluationReport } from '../../../protocol/src/runs.ts';
import { PrmError, systemErrorCode } from '../support/errors.ts';

/** A report holds some dozens of steps and their paths: a larger file is none. Bytes. */
const LARGEST = 32e6;

const count = z.int().nonnegative();
const rate = z.number().min(0).max(1);

export const reportSchema: z.ZodType<EvaluationReport> = z.object({
  step: count,
  calibration: z.array(z.object({ steps: count, meanScore: rate.nullable(), correctShare: rate.nullable() })),
  histogram: z.object({ correct: z.array(count), incorrect: z.array(count) }),
  positions: z.array(z.object({ position: count, steps: count, incorrect: count, accuracy: rate })),
  worst: z.array(
    z.object({
      problem: z.string(),
      steps: z.array(z.string()),
      label: z.enum(['correct', 'incorrect']),
      score: rate,
      loss: z.number(),
    }),
  ),
});

/**
 * The first of these files that is there; null where none is (runs keep the newest few).
 * @param files inside the run folder; any other place is not looked at, since events may come from anywhere
 * @throws PrmError where a file is there and is no report
 */
export async function readReport(folder: string, files: readonly string[]): Promise<EvaluationReport | null> {
  for (const name of files) {
    const file = path.resolve(folder, name);
    if (!file.startsWith(folder + path.sep)) continue;
    const text = await readIfThere(file);
    if (text !== undefined) return parseReport(file, text);
  }
  return null;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > LARGEST) throw notAReport(file, 'it is too large');
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseReport(file: string, text: string): EvaluationReport {
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (error) {
    throw notAReport(file, 'it is damaged or of another version', error);
  }
}

function notAReport(file: string, why: string, cause?: unknown): PrmError {
  return new PrmError({
    where: file,
    what: `This is not the report of an evaluation: ${why}`,
    remedy: 'The next evaluation of the run writes a new one.',
    cause,
  });
}
