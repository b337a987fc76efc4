// Formatting in the built worker process, as the language server does it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDataset, type FormatOptions } from '../../../server/src/datasets/format.ts';
import { formatInWorker } from '../../../server/src/datasets/formatInWorker.ts';
import { CancelledError, PrmError } from '../../../server/src/support/errors.ts';
import { FORMAT_WORKER_FILE } from '../../support/bundles.ts';
import { stepwiseRows, writeJsonl } from '../../support/stepwise.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'worker-'));
  writeJsonl(path.join(folder, 'rows.jsonl'), stepwiseRows(30_000));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function options(outputDir: string, dataset = 'rows.jsonl'): FormatOptions {
  return {
    dataset: path.join(folder, dataset),
    outputDir: path.join(folder, outputDir),
    balance: true,
    valRatio: 0.1,
    seed: 42,
    completions: 'auto',
    emptySteps: 'keep',
    overwrite: false,
  };
}

describe('formatInWorker', () => {
  it('does what formatDataset does, and tells how far it is', async () => {
    const seen: number[] = [];
    const report = await formatInWorker(
      options('worker'),
      { onProgress: ({ done }) => seen.push(done) },
      FORMAT_WORKER_FILE,
    );
    const here = await formatDataset(options('here'));
    expect(report.sides).toEqual(here.sides);
    for (const name of ['prm_train.jsonl', 'prm_val.jsonl']) {
      const bytes = (outputDir: string) => readFileSync(path.join(folder, outputDir, name));
      expect(bytes('worker').equals(bytes('here'))).toBe(true);
    }
    expect(seen.length).toBeGreaterThan(0);
  });

  it('throws the same errors', async () => {
    const error: unknown = await formatInWorker(options('none', 'none.jsonl'), {}, FORMAT_WORKER_FILE).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PrmError);
    expect(error).toMatchObject({
      what: 'there is no such file',
      where: path.join(folder, 'none.jsonl'),
      remedy: 'Check the path, or give a dataset of the Hub as owner/name.',
    });
  });

  it('survives a process that dies, and says so', async () => {
    const dying = path.join(folder, 'dying.cjs');
    writeFileSync(dying, "process.on('message', () => process.kill(process.pid, 'SIGABRT'));");
    await expect(formatInWorker(options('dead'), {}, dying)).rejects.toThrow(
      /rows\.jsonl: the process that formats the dataset died \(SIGABRT\)\. The file is probably damaged/,
    );
  });

  it('stops when it is cancelled, before and during the work', async () => {
    await expect(
      formatInWorker(options('stopped'), { signal: AbortSignal.abort() }, FORMAT_WORKER_FILE),
    ).rejects.toThrow(CancelledError);
    const cancelled = new AbortController();
    const hooks = {
      signal: cancelled.signal,
      onProgress: () => {
        cancelled.abort();
      },
    };
    await expect(formatInWorker(options('stopped'), hooks, FORMAT_WORKER_FILE)).rejects.toThrow(
      CancelledError,
    );
    expect(existsSync(path.join(folder, 'stopped'))).toBe(false);
  });
});
