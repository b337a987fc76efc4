// What `prm generate corrupt` leaves behind where it cannot end: nothing of its own, and what others wrote.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { corruptDatasets } from '../../../server/src/generation/corruptDatasets.ts';
import { CancelledError } from '../../../server/src/support/errors.ts';
import { smallDisk } from '../../support/smallDisk.ts';

const GSM8K = path.resolve('test/fixtures/gsm8k/train.jsonl.gz');

let folder: string;
let outputDir: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'corrupt-'));
  outputDir = path.join(folder, 'out');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('corruptDatasets', () => {
  it('takes every right path of a row, each with errors of its own', async () => {
    const source = path.join(folder, 'attempts.jsonl');
    const attempts = ['3 + 4 = 7\n7 * 2 = 14\n#### 14', '3 * 2 + 4 * 2 = 14\n#### 14', '3 * 4 = 12\n#### 12'];
    const row = { prompt: 'Twice 3 and 4?', completions: attempts, labels: [true, true, false] };
    const wrong = {
      prompt: 'Once 5?',
      completions: ['5 * 1 = 6\n#### 6', '5 + 1 = 6\n#### 6'],
      labels: [false, false],
    };
    writeFileSync(source, [row, row, wrong].map((one) => `${JSON.stringify(one)}\n`).join(''));
    const { problems, skipped } = await corruptDatasets({ datasets: [source], outputDir });
    expect(problems).toBe(2);
    expect(skipped).toMatchObject([
      { reason: 'the same problem and solution again', count: 1 },
      { reason: 'not every step is labelled correct', count: 1 },
    ]);
  });

  it('says that the disk is full, and leaves nothing behind', async ({ skip }) => {
    const disk = smallDisk('corrupt', '1m');
    if (disk === undefined) return skip('only root on Linux may mount a disk');
    try {
      await expect(corruptDatasets({ datasets: [GSM8K], outputDir: disk.place })).rejects.toThrow(
        'the disk is full',
      );
      expect(readdirSync(disk.place)).toEqual([]);
    } finally {
      disk.remove();
    }
  });

  it('leaves the file of another run into the folder that ended first', async () => {
    const other = path.join(outputDir, 'corrupted.jsonl');
    const onProgress = (): void => {
      writeFileSync(other, 'of another run');
    };
    const options = { datasets: [GSM8K], outputDir, numIncorrectPerProblem: 1 };
    await expect(corruptDatasets(options, { onProgress })).rejects.toThrow('the file exists');
    expect(readFileSync(other, 'utf8')).toBe('of another run');
    expect(readdirSync(outputDir)).toEqual(['corrupted.jsonl']);
  });

  it('is cancelled amid the work without a trace', async () => {
    mkdirSync(outputDir);
    const cancelled = new AbortController();
    const onProgress = (): void => {
      cancelled.abort();
    };
    const work = corruptDatasets({ datasets: [GSM8K], outputDir }, { onProgress, signal: cancelled.signal });
    await expect(work).rejects.toThrow(CancelledError);
    expect(readdirSync(outputDir)).toEqual([]);
  });

  it('names the option of a value that cannot be, as code or the editor may give it', async () => {
    const given = { datasets: [GSM8K], outputDir, consistentShare: 2 };
    await expect(corruptDatasets(given)).rejects.toThrow('--consistent_share: the value cannot be used');
    await expect(corruptDatasets({ ...given, consistentShare: 1, strategies: ['typo'] })).rejects.toThrow(
      '--strategies: the value cannot be used',
    );
  });
});
