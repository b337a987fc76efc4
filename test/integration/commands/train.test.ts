// `prm train` as a program: what is refused and how, Ctrl-C and what it leaves, --resume to the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI_FILE } from '../../support/bundles.ts';
import type { DryRun } from '../../../server/src/training/dryRun.ts';
import { formatSample, SAMPLE } from '../../support/tinyTraining.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-train-cli-'));
  await formatSample(path.join(folder, 'data'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** @param interruptAt a message on stderr at which SIGINT is sent, as Ctrl-C does */
async function prm(args: readonly string[], interruptAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [CLI_FILE, 'train', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let heard = '';
  let interrupted = false;
  child.stderr.on('data', (chunk) => {
    heard += String(chunk);
    if (interrupted || interruptAt === undefined || !heard.includes(interruptAt)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  const ended = once(child, 'close');
  const stdout = await text(child.stdout);
  const [status] = (await ended) as [number | null];
  return { status, stdout, stderr: heard };
}

describe('prm train', () => {
  it.each([
    [['--data', 'data'], '--output_dir is missing. Give the path of a folder.'],
    [
      ['--data', 'data', '--output_dir', 'x', '--batch_size', '-4'],
      '--batch_size must be a whole number from 1 to 1024, not -4.',
    ],
    [
      ['--data', 'data', '--output-dir', 'x', '--learning-rate', 'fast'],
      '--learning_rate must be a number above 0, at most 1, not fast.',
    ],
    [
      ['--data', 'nowhere', '--output_dir', 'x'],
      /nowhere: There is no such data folder\. Make it with prm format/,
    ],
    [['--output_dir', 'x'], /No training data is named\. Give either --data/],
    [
      ['--data', 'data', '--output_dir', 'x', '--model_name', 'gpt'],
      'gpt: there is no such folder. Check the path, or give a model of the Hub as owner/name',
    ],
    [['--resume', '--output_dir', 'x'], /x: There is no run to resume here/],
  ])('refuses %j with status 2 and one line', async (args, message) => {
    const { status, stdout, stderr } = await prm(args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    if (typeof message === 'string') expect(stderr).toContain(`prm: ${message}`);
    else expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(folder)).not.toContain('x');
  });

  it('stops at Ctrl-C with a checkpoint and status 130, and resumes to the end', async () => {
    const args = ['--data', 'data', '--output_dir', 'run', '--num_epochs', '1', '--max_examples', '8'];
    const stopped = await prm([...args, '--batch_size', '4'], 'parameters trained on cpu');
    expect(stopped).toMatchObject({ status: 130, stdout: '' });
    const run = path.join(folder, 'run');
    expect(stopped.stderr).toMatch(
      new RegExp(
        `Stopped after step \\d+ of \\d+; a checkpoint is kept\\. Go on with: prm train --resume --output_dir \\S*run\n$`,
      ),
    );
    expect((await readdir(run)).filter((name) => name.startsWith('checkpoint-'))).toHaveLength(1);
    expect(await readdir(run)).not.toContain('run.lock');

    const resumed = await prm(['--resume', '--output_dir', 'run']);
    expect(resumed.status).toBe(0);
    expect(resumed.stdout).toMatch(/validation steps +best_model \(step \d+\)/);
    expect(resumed.stdout).toContain('balanced accuracy');
    expect(resumed.stdout).toMatch(/Model: \S*run\/best_model\n$/);
    expect(await readdir(run)).toEqual(expect.arrayContaining(['best_model', 'final_model']));
  });

  it('mixes several datasets by their weights, and trains on what came out', async () => {
    const shepherd = path.resolve(import.meta.dirname, '../../fixtures/datasets/math-shepherd/7-rows.jsonl');
    const args = ['--dataset', SAMPLE, '--dataset', shepherd, '--max_examples', '7', '--val_ratio', '0'];
    const mixed = await prm([
      ...args,
      '--no-balance',
      '--weight',
      '3',
      '--weight',
      '1',
      '--dry_run',
      '--json',
    ]);
    expect(mixed.status).toBe(0);
    const even = await prm([...args, '--no-balance', '--weight', '1,1', '--dry_run', '--json']);
    const steps = ({ stdout }: Ended): number => {
      const { correct, incorrect } = (JSON.parse(stdout) as DryRun).data?.train ?? {
        correct: 0,
        incorrect: 0,
      };
      return correct + incorrect;
    };
    expect(steps(even)).toBeGreaterThan(0);
    expect(steps(mixed)).not.toBe(steps(even));
    const refused = await prm([...args, '--weight', '3', '--output_dir', 'x']);
    expect(refused.stderr).toContain('--weight has 1 number for 2 datasets');
  });

  it('formats first where a dataset is named, and says what is wrong with it', async () => {
    await writeFile(path.join(folder, 'broken.parquet'), 'PAR1 but not really');
    const { status, stderr } = await prm(['--dataset', 'broken.parquet', '--output_dir', 'from-broken']);
    expect(status).toBe(2);
    expect(stderr).toContain('broken.parquet');
    expect(await readdir(folder)).not.toContain('from-broken');
    expect(stderr).not.toContain('    at ');
  });
});
