// Corrupting with threads of their own: the same file whatever their number, and none left behind where one fails.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { corruptDatasets } from '../../../server/src/generation/corruptDatasets.ts';
import { CancelledError } from '../../../server/src/support/errors.ts';
import { CORRUPT_THREAD_FILE } from '../../support/bundles.ts';

const GSM8K = path.resolve('test/fixtures/gsm8k/train.jsonl.gz');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'corrupt-threads-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Enough paths that threads are worth their start; some rows are left out, and the last wanted path is amid a block. */
const MOST = 6001;

async function corrupt(name: string, file: string, count: number, signal?: AbortSignal) {
  const outputDir = path.join(folder, name);
  const summary = await corruptDatasets(
    { datasets: [twice, GSM8K], outputDir, maxExamples: MOST },
    { threads: { file, count }, signal },
  );
  return { summary, text: readFileSync(path.join(outputDir, 'corrupted.jsonl'), 'utf8') };
}

/** A dataset that has a solution twice and a row that is none. */
let twice: string;
beforeEach(() => {
  twice = path.join(folder, 'twice.jsonl');
  const clips = JSON.stringify({ question: '48 and 24?', answer: '48+24 = <<48+24=72>>72\n#### 72' });
  writeFileSync(twice, `${clips}\n${clips}\n{"question": 7}\n`);
});

describe('corruptDatasets with threads', () => {
  it('gives the same file and the same report without one, with one and with several', async () => {
    const alone = await corrupt('alone', CORRUPT_THREAD_FILE, 0);
    expect(alone.text.split('\n')).toHaveLength(MOST + 1);
    expect(alone.summary.skipped.map(({ count }) => count)).toEqual([1, 1, 3]);
    for (const count of [1, 3]) {
      const { summary, text } = await corrupt(`with${count}`, CORRUPT_THREAD_FILE, count);
      expect(text === alone.text).toBe(true);
      expect({ ...summary, file: '', seconds: 0 }).toEqual({ ...alone.summary, file: '', seconds: 0 });
    }
  });

  it.each([
    ['ends', 'process.exit(3)', 'status 3'],
    [
      'fails',
      'require("node:worker_threads").parentPort.on("message", () => { throw new Error("broken"); })',
      'broken',
    ],
    ['is not there', undefined, 'Cannot find module'],
  ])('leaves nothing where a thread %s', async (_, script, message) => {
    const file = path.join(folder, 'thread.cjs');
    if (script !== undefined) writeFileSync(file, script);
    await expect(corrupt('out', file, 1)).rejects.toThrow(message);
    expect(readdirSync(path.join(folder, 'out'))).toEqual([]);
  });

  it('ends its threads where it is cancelled, also amid a block', async () => {
    const cancelled = new AbortController();
    const file = path.join(folder, 'endless.cjs');
    writeFileSync(file, 'require("node:worker_threads").parentPort.on("message", () => { for (;;); })');
    const work = corrupt('out', file, 1, cancelled.signal);
    setTimeout(() => {
      cancelled.abort();
    }, 100);
    await expect(work).rejects.toThrow(CancelledError);
    expect(readdirSync(path.join(folder, 'out'))).toEqual([]);
  });
});
