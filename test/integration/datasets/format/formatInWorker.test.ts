// Formatting in the built worker process, as the language server does it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatDataset } from '../../../../server/src/datasets/format/format.ts';
import { formatInWorker } from '../../../../server/src/datasets/format/formatInWorker.ts';
import type { FormatOptions } from '../../../../server/src/datasets/format/formatOptions.ts';
import { CancelledError, PrmError } from '../../../../server/src/support/errors.ts';
import { FORMAT_WORKER_FILE } from '../../../support/bundles.ts';
import { stepwiseRows, writeJsonl } from '../../../support/stepwise.ts';

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
    inputs: [{ dataset: path.join(folder, dataset) }],
    outputDir: path.join(folder, outputDir),
    balance: true,
    valRatio: 0.1,
    seed: 42,
    completions: 'auto',
    emptySteps: 'keep',
    overwrite: false,
  };
}

function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => new Error('It did not fail.'),
    (thrown: unknown) => thrown,
  );
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
    const error = await thrownBy(formatInWorker(options('none', 'none.jsonl'), {}, FORMAT_WORKER_FILE));
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

  it('keeps the end of what a dying process wrote', async () => {
    const dying = path.join(folder, 'talking.cjs');
    writeFileSync(
      dying,
      "process.on('message', () => { process.stderr.write('x'.repeat(300000) + ' the end é', () => process.exit(3)); });",
    );
    const error = await thrownBy(formatInWorker(options('dead'), {}, dying));
    expect(error).toMatchObject({ what: 'the process that formats the dataset died (status 3)' });
    expect((error as PrmError).cause).toMatch(/^x{1990} the end é$/);
  });

  it('says that the process could not be started', async () => {
    const executable = process.execPath;
    process.execPath = path.join(folder, 'no-node');
    try {
      const error = await thrownBy(formatInWorker(options('none'), {}, FORMAT_WORKER_FILE));
      expect(error).toBeInstanceOf(PrmError);
      expect(error).toMatchObject({
        where: path.join(folder, 'rows.jsonl'),
        what: `the process that formats the dataset could not be started (spawn ${folder}/no-node ENOENT)`,
        remedy: 'Restart the editor; it was probably updated or moved meanwhile.',
        cause: { code: 'ENOENT' },
      });
    } finally {
      process.execPath = executable;
    }
  });

  it('removes what a killed process left, not what a live one is writing', async () => {
    const hidden = (): string[] => readdirSync(folder).filter((name) => name.startsWith('.prm-format-'));
    const worker = fork(FORMAT_WORKER_FILE, { serialization: 'advanced' });
    const ended = once(worker, 'exit');
    worker.send({ type: 'start', options: options('killed') });
    try {
      await vi.waitFor(
        () => {
          expect(hidden()).toHaveLength(1);
        },
        { timeout: 20_000, interval: 2 },
      );
      // Stopped, it lives on and cannot finish.
      worker.kill('SIGSTOP');
      const left = hidden();
      expect(left).toHaveLength(1);
      await formatDataset(options('beside'));
      expect(hidden()).toEqual(left);
    } finally {
      worker.kill('SIGKILL');
    }
    await ended;
    expect(hidden()).toHaveLength(1);
    await formatDataset(options('after'));
    expect(hidden()).toEqual([]);
    expect(existsSync(path.join(folder, 'killed'))).toBe(false);
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
