// Real rows of every layout, exported to every target: what is written is what was there, and the rest is counted.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportTraces } from '../../../../server/src/datasets/export/exportTraces.ts';
import { sameTraces } from '../../../../server/src/datasets/export/readBack.ts';
import { EXPORT_TARGETS } from '../../../../server/src/datasets/export/targets/target.ts';
import { CancelledError, PrmError } from '../../../../server/src/support/errors.ts';
import { tracesOf } from '../../../support/traces.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/datasets');

const FILES = [
  'prm800k/raw-6-rows.jsonl',
  'math-shepherd/7-rows.jsonl',
  'prmbench/circular-4-rows.jsonl',
  'math-aps/tree-1-row.jsonl',
  'math-aps/flat-1-row.jsonl',
  'mr-gsm8k/first-error-8-rows.jsonl',
  'versaprm/11-questions.json',
  'bigbench-mistake/8-rows.jsonl',
  'gsm8k/train-5-rows.jsonl',
  'written-here/prm800k-critic.jsonl',
  'written-here/rlhflow.jsonl',
  'written-here/processbench.jsonl',
  'written-here/mr-ben.jsonl',
  'written-here/er-prm.jsonl',
  'written-here/openrlhf.jsonl',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'export-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const CASES = FILES.flatMap((file) => EXPORT_TARGETS.map((target) => [file, target] as const));

describe.each(CASES)('%s to %s', (file, target) => {
  it('writes only traces as they are, and counts the others', async () => {
    const source = path.join(FIXTURES, file);
    const all = await tracesOf(source);
    const output = path.join(folder, `${CASES.length}-${target}.parquet`);
    const work = exportTraces({
      inputs: [{ dataset: source }],
      target,
      file: output,
      completions: 'auto',
      lossy: false,
      overwrite: true,
    });
    const report = await work.catch((error: unknown) => {
      if (!(error instanceof PrmError)) throw error;
      expect(error.what).toMatch(/^none of the paths can be held by /);
      return undefined;
    });
    if (report === undefined) return;
    const leftOut = report.leftOut.reduce((sum, { paths }) => sum + paths, 0);
    expect(report.paths + leftOut).toBe(all.length);
    expect(report.converted).toEqual([]);
    const written = await tracesOf(output);
    expect(written).toHaveLength(report.paths);
    let at = 0;
    for (const one of written) {
      const found = all.findIndex((trace, index) => index >= at && sameTraces([trace], [one]));
      expect(found, `a trace of ${one.problem.slice(0, 40)}`).toBeGreaterThanOrEqual(at);
      at = found + 1;
    }
  });
});

describe('an export that fails', () => {
  it('leaves nothing behind when it is cancelled', async () => {
    const cancelled = new AbortController();
    const place = path.join(folder, 'cancelled');
    const work = exportTraces(
      {
        inputs: [{ dataset: path.join(FIXTURES, 'math-shepherd/7-rows.jsonl') }],
        target: 'trl',
        file: path.join(place, 'out.jsonl'),
        completions: 'auto',
        lossy: false,
        overwrite: false,
      },
      {
        signal: cancelled.signal,
        onProgress: ({ done }) => {
          if (done > 50) cancelled.abort();
        },
      },
    );
    await expect(work).rejects.toThrow(CancelledError);
    expect(readdirSync(place)).toEqual([]);
  });
});
