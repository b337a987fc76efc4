// `prm export` of the built command line: what is written, told, refused, and left behind.
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPrm } from '../../support/prm.ts';
import { stepwiseRows, writeJsonl } from '../../support/stepwise.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'export-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);

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

const rows = (name: string): unknown[] =>
  readFileSync(at(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

describe('prm export', () => {
  it('goes round a circle of all targets, over Parquet and JSONL, and gives the same rows', async () => {
    writeJsonl(at('rows.jsonl'), stepwiseRows(60));
    const circle = [
      ['rows.jsonl', 'trl', 'start.jsonl'],
      ['start.jsonl', 'processbench', 'a.parquet'],
      ['a.parquet', 'prm800k', 'b.jsonl'],
      ['b.jsonl', 'math-shepherd', 'c.parquet'],
      ['c.parquet', 'formatted', 'd.parquet'],
      ['d.parquet', 'trl', 'end.jsonl'],
    ] as const;
    for (const [from, target, to] of circle) {
      const { status, stdout, stderr } = await prm(['export', from, '--to', target, '--output', to]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('60 paths, 120 steps');
    }
    expect(readFileSync(at('end.jsonl'), 'utf8')).toBe(readFileSync(at('start.jsonl'), 'utf8'));
    expect(rows('end.jsonl')[0]).toEqual({
      prompt: 'What is 0 + 1?',
      completions: ['Add 0.', '#### 1'],
      labels: [true, false],
    });
  });

  it('leaves out what the target cannot hold, and says how many and why; --lossy converts by a named rule', async () => {
    writeJsonl(at('rows.jsonl'), [
      { prompt: 'A?', completions: ['a', 'b', 'c'], labels: [1, 0, 1] },
      { prompt: 'B?', completions: ['a', 'b'], labels: [1, 1] },
      { prompt: 'C?', completions: ['a', 'b'], labels: [null, 1] },
    ]);
    const argv = ['export', 'rows.jsonl', '--to', 'processbench', '--output', 'out.jsonl'];
    const strict = await prm(argv);
    expect(strict.status).toBe(0);
    expect(strict.stdout).toContain('Left out      1 path with labels behind the first wrong step, row 1');
    expect(strict.stdout).toContain('--lossy writes them: only the first wrong step is written');
    expect(strict.stdout).toContain(
      'Left out      1 path with steps without a label before the first wrong one',
    );
    expect(strict.stdout).toContain('2 of 3 paths left out, see above');
    expect(rows('out.jsonl')).toMatchObject([{ id: '2', problem: 'B?', steps: ['a', 'b'], label: -1 }]);

    const lossy = await prm([...argv, '--lossy', '--overwrite']);
    expect(lossy.stdout).toContain('Converted     1 path with labels behind the first wrong step, row 1');
    expect(lossy.stdout).toContain('1 of 3 paths left out, see above');
    expect(rows('out.jsonl')).toMatchObject([{ label: 1 }, { label: -1 }]);
  });

  it('writes several datasets one after the other, each read in its own layout', async () => {
    writeJsonl(at('one.jsonl'), stepwiseRows(3));
    writeJsonl(at('two.jsonl'), [{ problem: 'P?', steps: ['x', 'y'], label: 0 }]);
    const { status } = await prm([
      'export',
      'one.jsonl',
      'two.jsonl',
      '--to',
      'trl',
      '--output',
      'all.jsonl',
    ]);
    expect(status).toBe(0);
    // One of the labels is unlabelled, so all are numbers: TRL leaves -100 out.
    expect(rows('all.jsonl')).toMatchObject([
      { labels: [1, 0] },
      {},
      {},
      { prompt: 'P?', labels: [0, -100] },
    ]);
  });

  it.each([
    [['--to', 'trl', '--output', 'there.jsonl'], 'there.jsonl: the file exists. Give another --output'],
    [['--to', 'trl', '--output', 'x.csv'], 'the name does not say what kind of file to write'],
    [['--to', 'nobody', '--output', 'x.jsonl'], 'Allowed choices are trl, math-shepherd'],
    [['--output', 'x.jsonl'], "required option '--to <layout>' not specified"],
    [['--to', 'trl', '--output', 'x.jsonl', '--layout', 'odd'], 'It must be one of auto, trl-stepwise'],
    [
      ['--to', 'trl', '--output', 'x.jsonl', '--layout', 'auto', '--layout', 'prmbench'],
      '--layout: given 2 times for 1 dataset',
    ],
    [['--to', 'trl', '--output', 'there.jsonl/x.jsonl'], 'a part of the path is a file, not a folder'],
  ])('%j is refused', async (more, message) => {
    writeJsonl(at('rows.jsonl'), stepwiseRows(3));
    writeFileSync(at('there.jsonl'), 'mine');
    const { status, stdout, stderr } = await prm(['export', 'rows.jsonl', ...more]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(readFileSync(at('there.jsonl'), 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['rows.jsonl', 'there.jsonl']);
  });

  it('refuses what the target cannot hold at all, and leaves an earlier file alone', async () => {
    writeJsonl(at('rows.jsonl'), [{ question: 'Q?', answer: 'a\n#### 1' }]);
    writeFileSync(at('out.jsonl'), 'earlier');
    const argv = ['export', 'rows.jsonl', '--to', 'processbench', '--output', 'out.jsonl', '--overwrite'];
    expect(await prm(argv)).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'prm: rows.jsonl: none of the paths can be held by ProcessBench: ' +
        '1 has steps without a label before the first wrong one. Choose another --to.\n',
    });
    expect(readFileSync(at('out.jsonl'), 'utf8')).toBe('earlier');
    expect(readdirSync(folder).sort()).toEqual(['out.jsonl', 'rows.jsonl']);
  });

  it.skipIf(process.platform === 'win32')(
    'stops on Ctrl-C and leaves nothing behind',
    async () => {
      const many = stepwiseRows(50_000).map((row) => ({
        ...row,
        completions: [`${row.completions[0]} ${'x'.repeat(800)}`, 'b'],
      }));
      writeJsonl(at('many.jsonl'), many);
      let stopped = false;
      const { status, stderr } = await prm(
        ['export', 'many.jsonl', '--to', 'prm800k', '--output', 'out.parquet'],
        (child) => {
          // Once the temporary folder is there.
          if (stopped || readdirSync(folder).length === 1) return;
          stopped = true;
          child.kill('SIGINT');
        },
      );
      expect(status).toBe(130);
      expect(stderr).toMatch(/prm: Cancelled\.\n$/);
      expect(existsSync(at('out.parquet'))).toBe(false);
      expect(readdirSync(folder)).toEqual(['many.jsonl']);
    },
    60_000,
  );
});
