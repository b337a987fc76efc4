// The built command line as a process: statuses, streams and signals.
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { runPrm } from '../../support/prm.ts';
import { writeStepwiseParquet } from '../../../scripts/lib/stepwiseParquet.ts';
import { stepwiseRows, writeJsonl } from '../../support/stepwise.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function prm(argv: string[], whileRunning?: (child: ChildProcess) => void): Promise<Outcome> {
  const { status, stdout, stderr } = await runPrm(argv, {
    cwd: folder,
    ...(whileRunning && { whileRunning }),
  });
  return { status, stdout, stderr };
}

describe('prm', () => {
  it('tells its version', async () => {
    expect(await prm(['--version'])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it('formats a dataset, report on stdout, nothing on stderr', async () => {
    writeStepwiseParquet(path.join(folder, 'rows.parquet'), stepwiseRows(60));
    const { status, stdout, stderr } = await prm([
      'format',
      '--dataset',
      'rows.parquet',
      '--output_dir',
      'formatted',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('60 read, 20 problems, 60 paths');
    expect(stdout).not.toContain('\u001b');
    expect(readdirSync(path.join(folder, 'formatted')).sort()).toEqual([
      'dataset_info.json',
      'prm_train.jsonl',
      'prm_val.jsonl',
    ]);
  });

  it('refuses in one line, without a stack trace', async () => {
    expect(await prm(['format', '--dataset', 'none.parquet'])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'prm: none.parquet: there is no such file. Check the path, or give a dataset of the Hub as owner/name.\n',
    });
  });

  it.skipIf(process.platform === 'win32')('stops on Ctrl-C and leaves nothing behind', async () => {
    // Enough rows for a few seconds of work.
    const rows = stepwiseRows(50_000).map((row) => ({
      ...row,
      completions: [`${row.completions[0]} ${'x'.repeat(800)}`, 'b'],
    }));
    writeJsonl(path.join(folder, 'many.jsonl'), rows);
    let stopped = false;
    const { status, stderr } = await prm(
      ['format', '--dataset', 'many.jsonl', '--output_dir', 'many'],
      (child) => {
        const begun = readdirSync(folder).some((name) => name.startsWith('.prm-format-'));
        if (begun && !stopped) stopped = child.kill('SIGINT');
      },
    );
    expect(status).toBe(130);
    expect(stderr).toBe('\nprm: stopping. Press Ctrl-C again to end at once.\nprm: Cancelled.\n');
    expect(existsSync(path.join(folder, 'many'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.prm'))).toEqual([]);
  });

  it('finishes its work when nobody reads its output any more', async () => {
    const { status } = await prm(
      ['format', '--dataset', 'rows.parquet', '--output_dir', 'unread'],
      (child) => {
        child.stdout?.destroy();
      },
    );
    expect(status).toBe(0);
    expect(existsSync(path.join(folder, 'unread/prm_train.jsonl'))).toBe(true);
  });
});
