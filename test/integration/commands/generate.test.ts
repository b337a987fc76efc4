// `prm generate corrupt` of the built command line: what is written, told and refused, and that `prm format` takes it.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runPrm } from '../../support/prm.ts';
import { writeJsonl } from '../../support/stepwise.ts';
import { streamed, TestChatServer } from '../../support/testChatServer.ts';

const GSM8K = path.resolve('test/fixtures/gsm8k/train.jsonl.gz');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'generate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const prm = (...argv: string[]) => runPrm(argv, { cwd: folder });

interface Row {
  completions: string[];
  labels: (boolean | null)[];
  strategy: string | null;
  error_step: number | null;
  before: string | null;
  after: string | null;
  source_row: number;
}

const rows = (name: string): Row[] =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const problem = (question: string, answer: string) => ({ question, answer });
const CLIPS = problem('48 in April, 24 in May?', '48+24 = <<48+24=72>>72 clips\n#### 72');

describe('prm generate corrupt', () => {
  it('writes labelled paths that prm format takes, and says what it made', async () => {
    const made = await prm('generate', 'corrupt', GSM8K, '--output_dir', 'out', '--max_examples', '4000');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    const written = rows('out/corrupted.jsonl');
    expect(written).toHaveLength(4000);
    for (const { completions, labels, strategy, error_step: wrong, after } of written) {
      expect(labels).toHaveLength(completions.length);
      expect(labels.indexOf(false)).toBe(wrong ?? -1);
      expect(strategy === null).toBe(wrong === null);
      if (wrong !== null && after !== null) expect(completions[wrong]).toBe(after);
    }
    const info = JSON.parse(readFileSync(at('out/generation_info.json'), 'utf8')) as {
      strategies: { strategy: string; local: number; consistent: number }[];
      errorSteps: number[];
      errorPlaces: number[];
      correct: number;
      incorrect: number;
    };
    expect(info.correct + info.incorrect).toBe(4000);
    const [correct, incorrect] = [info.correct, info.incorrect].map((paths) => paths.toLocaleString('en'));
    expect(made.stdout).toContain(`${correct} correct, ${incorrect} with one error`);
    const byName = new Map<string, number>();
    for (const { strategy } of written)
      if (strategy !== null) byName.set(strategy, (byName.get(strategy) ?? 0) + 1);
    expect(new Map(info.strategies.map((one) => [one.strategy, one.local + one.consistent]))).toEqual(byName);
    expect(byName.size).toBe(10);
    const places = [0, 0, 0, 0, 0];
    for (const { error_step: wrong, completions } of written) {
      if (wrong === null) continue;
      const place = Math.min(4, Math.floor((5 * wrong) / Math.max(1, completions.length - 1)));
      places[place] = (places[place] ?? 0) + 1;
    }
    expect(info.errorPlaces).toEqual(places);
    expect(info.errorSteps.reduce((sum, paths) => sum + paths, 0)).toBe(info.incorrect);
    // 192 * 100 is not 1920: its row would be a wrong label.
    expect(made.stdout).toContain('3 × an equation that does not come out, row 168, 199, 503');
    expect(written.map(({ source_row: row }) => row)).not.toContain(168);

    const formatted = await prm('format', '--dataset', 'out/corrupted.jsonl', '--output-dir', 'data');
    expect(formatted).toMatchObject({ status: 0, stderr: '' });
    expect(formatted.stdout).toContain('TRL stepwise supervision');
  });

  it('is the same for a seed, and another for another', async () => {
    writeJsonl(at('in.jsonl'), [CLIPS]);
    const run = async (name: string, seed: string) => {
      await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', name, '--seed', seed);
      return readFileSync(at(`${name}/corrupted.jsonl`), 'utf8');
    };
    const first = await run('a', '1');
    expect(await run('b', '1')).toBe(first);
    expect(await run('c', '2')).not.toBe(first);
  });

  it('takes the steps behind the error and the solutions as it is told', async () => {
    writeJsonl(at('in.jsonl'), [CLIPS]);
    const choice = ['--strategies', 'calculation-error', '--no-correct', '--after-error', 'incorrect'];
    const { status } = await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out', ...choice);
    expect(status).toBe(0);
    for (const { labels, strategy } of rows('out/corrupted.jsonl')) {
      expect(labels).toEqual([false, false]);
      expect(strategy).toBe('calculation-error');
    }
  });

  it('uses correct solutions of a labelled dataset, and names the rows that it leaves out', async () => {
    const row = (labels: boolean[]) => ({ prompt: 'p', completions: ['1 + 2 = 3', '3 * 4 = 12'], labels });
    writeJsonl(at('in.jsonl'), [row([true, true]), row([true, false]), row([true, true]), { prompt: 'p' }]);
    const { status, stdout } = await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out');
    expect(status).toBe(0);
    expect(stdout).toContain('1 × not every step is labelled correct, row 2');
    expect(stdout).toContain('1 × the same problem and solution again, row 3');
    expect(stdout).toMatch(/1 × .*, row 4/);
    expect(new Set(rows('out/corrupted.jsonl').map((one) => one.source_row))).toEqual(new Set([1]));
  });

  it('takes empty lines for no steps', async () => {
    const completions = ['48 + 24 = 72 clips', '', '72 * 7 = 504 clips', '  '];
    writeJsonl(at('in.jsonl'), [
      { prompt: '48, 24 and 7?', completions, labels: completions.map(() => true) },
    ]);
    await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out', '--consistent-share', '1');
    const written = rows('out/corrupted.jsonl');
    expect(written[0]?.completions).toEqual(['48 + 24 = 72 clips', '72 * 7 = 504 clips']);
    expect(written.length).toBeGreaterThan(1);
    expect(written.flatMap((row) => row.completions)).not.toContain('');
  });

  it('copes with solutions that are empty, of one step, without numbers, or endless', async () => {
    writeJsonl(at('in.jsonl'), [
      problem('a', '#### 5'),
      problem('b', 'It is red.\n#### red'),
      problem('c', ''),
      { question: 'd' },
      problem('e', `${'3 + 4 = 7 pens\n'.repeat(10_000)}#### 7`),
      CLIPS,
    ]);
    const { status, stdout } = await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out', '--json');
    expect(status).toBe(0);
    const tooLong = { reason: 'more than 100,000 characters', count: 1, firstRows: [5] };
    expect(JSON.parse(stdout)).toMatchObject({ problems: 3, skipped: [{ count: 1 }, { count: 1 }, tooLong] });
  });

  it.each([
    [
      'nothing to corrupt',
      [problem('b', 'red\n#### red')],
      ['--strategies', 'flip-number'],
      /no solution could be corrupted/,
    ],
    ['no solutions', [{ text: 'x' }], [], /no known layout fits the rows/],
    ['an unknown strategy', [CLIPS], ['--strategies', 'flip-number,typo'], /"typo" is none of flip-number, /],
    ['a share above 1', [CLIPS], ['--consistent-share', '2'], /It must be a number from 0 to 1\./],
  ])('refuses %s in one line, and leaves nothing behind', async (_, input, options, message) => {
    writeJsonl(at('in.jsonl'), input);
    const { status, stderr } = await prm(
      'generate',
      'corrupt',
      'in.jsonl',
      '--output-dir',
      'out',
      ...options,
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(at('out')) ? readdirSync(at('out')) : []).toEqual([]);
  });

  it('writes no more paths than it may, also where that is the solution alone', async () => {
    writeJsonl(at('in.jsonl'), [CLIPS]);
    const most = ['--max-examples', '1', '--num-incorrect-per-problem', '1000000000'];
    const made = await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out', ...most);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toContain('1 correct, 0 with one error');
    expect(made.stdout).not.toContain('NaN');
    expect(rows('out/corrupted.jsonl').map(({ strategy }) => strategy)).toEqual([null]);
  });

  it('leaves an earlier file alone unless it may replace it', async () => {
    writeJsonl(at('in.jsonl'), [CLIPS]);
    expect((await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out')).status).toBe(0);
    writeFileSync(at('out/corrupted.jsonl'), 'mine');
    const refused = await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('--overwrite');
    expect(readFileSync(at('out/corrupted.jsonl'), 'utf8')).toBe('mine');
    expect((await prm('generate', 'corrupt', 'in.jsonl', '--output-dir', 'out', '--overwrite')).status).toBe(
      0,
    );
    expect(rows('out/corrupted.jsonl').length).toBeGreaterThan(1);
  });
});

describe('prm generate sample, prm cache', () => {
  const server = new TestChatServer();
  beforeAll(() => server.start());
  afterAll(() => server.close());
  beforeEach(() => {
    server.calls = [];
    server.answer = streamed();
    writeJsonl(
      at('in.jsonl'),
      Array.from({ length: 8 }, (_, n) => problem(`What is ${n} + 1?`, `#### ${n + 1}`)),
    );
  });
  const command = () => [
    ...['generate', 'sample', 'in.jsonl', '--server', server.address, '--model', 'tiny'],
    ...[
      '--output_dir',
      'out',
      '--num_samples_per_problem',
      '2',
      '--concurrency',
      '2',
      '--cache-dir',
      'cache',
    ],
  ];

  it('asks for each sample once, also when it was killed in the middle', async () => {
    const killed = await runPrm(command(), {
      cwd: folder,
      whileRunning: (child) => {
        server.answer = (call, response, request) => {
          if (server.calls.length === 6) child.kill('SIGKILL');
          streamed()(call, response, request);
        };
      },
    });
    expect(killed.status).toBeNull();
    expect(existsSync(at('out/samples.jsonl'))).toBe(false);
    server.answer = streamed();
    const { status, stdout, stderr } = await prm(...command());
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('8 right of 16 (50.0 %)');
    // Only what was on its way when the process died, two requests at most, is asked for again.
    expect(server.calls.length).toBeGreaterThanOrEqual(16);
    expect(server.calls.length).toBeLessThanOrEqual(18);

    server.calls = [];
    const again = await prm(...command(), '--overwrite');
    expect(again.stdout).toContain('16, 16 of them from the cache, 0 requests');
    expect(server.calls).toEqual([]);

    expect((await prm('cache', 'list', '--cache-dir', 'cache')).stdout).toMatch(
      /16 entries +[\d.]+ kB +newest \d{4}-\d\d-\d\d +tiny/,
    );
    expect((await prm('cache', 'verify', '--cache-dir', 'cache')).stdout).toBe(
      '16 entries whole, none was damaged\n',
    );
    expect((await prm('cache', 'clear', '--cache-dir', 'cache')).stderr).toContain('Give --model');
    expect((await prm('cache', 'clear', '--all', '--cache-dir', 'cache')).stdout).toBe(
      '16 entries removed\n',
    );
    expect((await prm('cache', 'size', '--cache-dir', 'cache', '--json')).stdout).toContain('"entries": 0');
  });

  it('says in one line that there is no server', async () => {
    const other = new TestChatServer();
    await other.start();
    await other.close();
    const { status, stderr } = await prm(...command(), '--server', other.address);
    expect(status).toBe(2);
    expect(stderr).toContain('no server can be reached there (ECONNREFUSED). Start the model server');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
