// `prm generate sample` as a person meets it: what it would cost, what it says on the way, when it is stopped, and of what it cannot do.
import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { progressIn, TELL_PROGRESS } from '../../../server/src/support/toldProgress.ts';
import { refusesChoices } from '../../support/chatTroubles.ts';
import { runPrm, type RunOptions } from '../../support/prm.ts';
import { SampleRun } from '../../support/sampleRun.ts';
import { writeJsonl } from '../../support/stepwise.ts';
import { streamed } from '../../support/testChatServer.ts';

let run: SampleRun;
beforeEach(async () => {
  run = await SampleRun.start();
});
afterEach(() => run.end());

const environment = { PRM_API_KEY: '', OPENAI_API_KEY: '' };

function sample(options: readonly string[] = [], more: Partial<RunOptions> = {}) {
  const { server } = run;
  return runPrm(
    [
      ...['generate', 'sample', 'problems.jsonl', '--server', server.address, '--model', 'tiny'],
      ...['--output_dir', 'out', '--cache_dir', 'cache', '--num_samples_per_problem', '2', ...options],
    ],
    { cwd: run.folder, environment, ...more },
  );
}

const outputs = (): string[] => (existsSync(run.at('out')) ? readdirSync(run.at('out')) : []);

describe('prm generate sample', () => {
  it('says what it would cost, asks nobody, and knows what is in the cache', async () => {
    const cost = await sample(['--dry_run']);
    expect(cost.stdout).toMatch(/Samples +6, 0 of them in the cache\n.*Requests +6\n.*at most 6,144 written/);
    expect([run.asked(), outputs()]).toEqual([[], []]);
    await run.sample();
    run.asked();
    expect((await sample(['--dry_run'])).stdout).toMatch(
      /6 of them in the cache\nCost +nothing: the cache has all that is needed\n$/,
    );
    const rest = await sample([
      '--num_samples_per_problem',
      '5',
      '--samples_per_request',
      '3',
      '--dry_run',
      '--json',
    ]);
    expect(JSON.parse(rest.stdout)).toMatchObject({
      samples: 15,
      cached: 6,
      requests: 3,
      completionTokens: 9216,
    });
    const renewed = await sample(['--force_regenerate', '--dry_run', '--json']);
    expect(JSON.parse(renewed.stdout)).toMatchObject({ samples: 6, cached: 0, requests: 6 });
    expect(run.asked()).toEqual([]);
  });

  it('reports what was asked for, what a budget left out, and why samples are asked for one by one', async () => {
    run.server.answer = refusesChoices;
    const { status, stdout, stderr } = await sample([
      ...['--samples_per_request', '2', '--budget_requests', '4', '--concurrency', '1'],
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/Samples +3, 0 of them from the cache, 4 requests/);
    expect(stdout.match(/asked for one by one: .*Only one completion choice is allowed/g)).toHaveLength(1);
    expect(stdout).toMatch(/Missing +3 × the budget of 4 requests is used up/);
    expect(stdout).toContain('the same command with a larger budget goes on from there');
  });

  it('tells how fast it goes, what was paid, and the time left', async () => {
    run.write(15);
    run.server.answer = streamed({ pause: 50 });
    const { stderr } = await sample([], { environment: { ...environment, [TELL_PROGRESS]: '1' } });
    const told = stderr.split('\n').flatMap((line) => progressIn(line) ?? []);
    expect(told.every(({ title, total }) => title === 'Sampling' && total === 30)).toBe(true);
    const last = told.at(-1);
    expect(last?.note).toMatch(/^[\d.]+ samples\/s, [\d,.]+ tokens\/s, [\d,]+ tokens so far, \d at once$/);
    expect(last?.secondsLeft).toBeLessThan(60);
  });

  it('that is stopped leaves no file, and says what is kept and how to go on', async () => {
    run.write(20);
    run.server.answer = streamed({ pause: 5 });
    let isStopped = false;
    const { status, stderr } = await sample(['--concurrency', '2'], {
      whileRunning: (child) => {
        if (run.server.calls.length < 5 || isStopped) return;
        isStopped = child.kill('SIGINT');
      },
    });
    expect(status).toBe(130);
    const [, kept = '0'] = /Stopped: (\d+) of 40 samples are kept\. The same command/.exec(stderr) ?? [];
    expect(Number(kept)).toBeGreaterThan(0);
    expect(outputs()).toEqual([]);
    expect(run.cacheFiles('claims')).toEqual([]);
    run.server.answer = streamed();
    const again = await sample();
    expect(again.stdout).toContain(`40, ${kept} of them from the cache`);
  });

  it.skipIf(process.platform === 'win32')(
    'whose file would be larger than the system allows says so, and nothing is paid for again',
    async () => {
      run.write(50);
      const { status, stderr } = await sample([], { fileLimit: 8 });
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /samples\.jsonl: the file is larger than the system lets one be \(ulimit -f\)\./,
      );
      expect(outputs()).toEqual([]);
      run.asked();
      expect((await sample()).stdout).toContain('100, 100 of them from the cache, 0 requests');
    },
  );

  it('refuses a value that cannot be in one line', async () => {
    const { status, stderr } = await sample(['--top_p', '0']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--top_p: the value cannot be used \(Too small/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(outputs()).toEqual([]);
  });

  it('warns of nothing where many requests wait for their turn', async () => {
    run.write(20);
    run.server.answer = streamed({ pause: 1 });
    const { status, stderr } = await sample(['--concurrency', '32']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('problems', () => {
  it('that are empty, repeated or unreadable are told, and the others are asked for', async () => {
    const row = { question: 'What is 1 + 1?', answer: '#### 2' };
    writeJsonl(run.at('problems.jsonl'), [
      row,
      { ...row, question: ' ' },
      row,
      { question: 7 },
      { ...row, question: 'What is 2 + 2?' },
    ]);
    const { status, stdout } = await sample();
    expect(status).toBe(0);
    expect(stdout).toMatch(/1 × .*empty.*, row 2/);
    expect(stdout).toMatch(/1 × .*, row 4/);
    expect(stdout).toMatch(/Problems +2; 1 rows with a problem that came before/);
    expect(run.asked()).toHaveLength(4);
  });
});
