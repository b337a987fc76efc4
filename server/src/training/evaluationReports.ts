// Evaluation reports in the run folder: `evaluation-STEP.json`, the newest few and the best one.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { evaluationReport } from '../evaluation/report.ts';
import type { ScoredPathStep } from './evaluate.ts';
import { writeJson } from './files.ts';

const REPORT_NAME = /^evaluation-(\d+)\.json$/;

/** Reports that are kept beside the best one's. */
const KEPT = 5;

/**
 * @returns the file's name
 * @throws PrmError where it cannot be written
 */
export async function writeReport(
  runFolder: string,
  step: number,
  scored: readonly ScoredPathStep[],
): Promise<string> {
  const name = `evaluation-${step}.json`;
  const placed = scored.map(({ path: { text }, ...rest }) => ({ ...rest, text }));
  await writeJson(path.join(runFolder, name), evaluationReport(step, placed));
  return name;
}

/** Removes all but the newest reports and that of the best evaluation. */
export async function pruneReports(runFolder: string, bestStep: number | undefined): Promise<void> {
  const steps = (await readdir(runFolder))
    .flatMap((name) => REPORT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  for (const step of steps.slice(0, Math.max(0, steps.length - KEPT))) {
    if (step !== bestStep) await rm(path.join(runFolder, `evaluation-${step}.json`), { force: true });
  }
}
