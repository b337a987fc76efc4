// Following a run through its folder, whoever writes it.
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { RunBook } from '../../../server/src/language/runBook.ts';
import { RunFollower, type StartedProcess } from '../../../server/src/language/runFollower.ts';
import { isProcessAlive } from '../../../server/src/support/processes.ts';
import { optionDeclarations } from '../../../server/src/training/options.ts';
import {
  end,
  evaluation,
  eventLines,
  start as startEvent,
  step as stepEvent,
} from '../../support/runEvents.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-run-'));
  file = path.join(folder, 'events.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

/** A run that began a minute ago: long silence would count as stalled. */
const began = Date.now() - 60_000;
const at = (second: number): string => new Date(began + 1000 * second).toISOString();

const start = (second = 0, pid = 4242): RunEvent => ({ ...startEvent(0), time: at(second), pid });
const step = (number: number): RunEvent => stepEvent(number, { time: at(number) });
const done = (second: number): RunEvent => ({ ...end('done', 10), time: at(second) });

const living = new Set<number>();
function follow(started?: StartedProcess): RunFollower {
  const follower = new RunFollower({ folder, isAlive: (pid) => living.has(pid) });
  if (started !== undefined) follower.expect(started);
  return follower;
}

beforeEach(() => {
  living.clear();
  living.add(4242);
});

describe('a followed run', () => {
  it('is told from its start to its end', async () => {
    const follower = follow({ pid: 4242, at: Date.parse(at(0)) });
    expect((await follower.look()).run).toMatchObject({ state: 'running', step: 0, device: 'not started' });
    await writeFile(file, eventLines(start(), step(1)));
    const begun = await follower.look();
    expect(begun).toMatchObject({
      ended: false,
      run: { state: 'running', step: 1, device: 'cpu', events: 2 },
    });
    expect((await follower.look()).version).toBe(begun.version);
    await appendFile(file, eventLines(step(2), done(3)));
    living.clear();
    const last = await follower.look();
    expect(last).toMatchObject({ ended: true, run: { state: 'done', step: 10 } });
    expect(last.version).toBeGreaterThan(begun.version);
  });

  it('has failed when its process is gone without a last event', async () => {
    await writeFile(file, eventLines(start(), step(1)));
    await mkdir(path.join(folder, 'checkpoint-1'));
    const follower = follow({ pid: 4242, at: Date.parse(at(0)) });
    expect((await follower.look()).ended).toBe(false);
    living.clear();
    const look = await follower.look();
    expect(look).toMatchObject({ ended: true, run: { state: 'failed', step: 1 } });
    expect(look.run.message).toContain('Resume goes on from checkpoint-1');
  });

  it('is not over by another start that is refused, because it lives', async () => {
    await writeFile(file, eventLines(start(0, 77), step(1)));
    living.add(77);
    const follower = follow({ pid: 4242, at: Date.parse(at(5)) });
    expect((await follower.look()).ended).toBe(false);
    living.delete(4242);
    expect(await follower.look()).toMatchObject({ ended: false, run: { state: 'running', step: 1 } });
    living.delete(77);
    expect(await follower.look()).toMatchObject({ ended: true, run: { state: 'failed' } });
  });

  it('is found alive by the process that its file names', async () => {
    await writeFile(file, eventLines(start(0, 77), step(1)));
    living.add(77);
    const follower = follow();
    expect(await follower.look()).toMatchObject({ ended: false, run: { state: 'running' } });
    expect(follower.pid).toBe(77);
  });

  it('is found dead by it', async () => {
    await writeFile(file, eventLines(start(0, 77), step(1)));
    expect(await follow().look()).toMatchObject({ ended: true, run: { state: 'failed' } });
  });

  it('is found alive again when somebody else goes on with it', async () => {
    await writeFile(file, eventLines(start(0, 77), step(1)));
    const follower = follow();
    expect((await follower.look()).ended).toBe(true);
    living.add(78);
    await appendFile(file, eventLines(start(2, 78)));
    expect(await follower.look()).toMatchObject({ ended: false, run: { state: 'running' } });
  });

  it('is not over by the end of an earlier session that it goes on from', async () => {
    await writeFile(file, eventLines(start(0, 1), step(1), done(2)));
    const follower = follow({ pid: 4242, at: Date.parse(at(5)) });
    expect(await follower.look()).toMatchObject({ ended: false, run: { state: 'running' } });
    expect(follower.pid).toBe(4242);
    await appendFile(file, eventLines(start(6, 4242), step(2)));
    expect(await follower.look()).toMatchObject({ ended: false, run: { step: 2 } });
    expect(follower.pid).toBe(4242);
  });

  it('is read past lines that are no events, which are counted', async () => {
    await writeFile(
      file,
      `${eventLines(start())}{"type":"step","st\n{"type":"later"}\n${eventLines(step(1))}`,
    );
    expect((await follow().look()).run).toMatchObject({ step: 1, events: 2, unreadableLines: 2 });
  });

  it('begins anew when another run takes the folder', async () => {
    await writeFile(file, eventLines(start(), step(1), step(2)));
    const follower = follow();
    await follower.look();
    await rm(file);
    await writeFile(file, eventLines(start(5), step(1)));
    expect((await follower.look()).run).toMatchObject({ step: 1, events: 2 });
    expect((await follower.chart(10)).train.step).toEqual([1]);
  });

  it('knows its settings, checkpoints and models, also those that come later', async () => {
    await writeFile(file, eventLines(start(), step(1), evaluation(3, 0.9, true)));
    const options = {
      from_tomorrow: { a: 1 },
      seed: 7,
      data: '/d',
      balance: true,
      model_name: 'mini',
      list: ['a', 'b'],
    };
    await writeFile(path.join(folder, 'config.json'), JSON.stringify({ kind: 'prm-training-run', options }));
    const follower = follow();
    const { settings, checkpoints, models } = (await follower.look()).run;
    expect(settings).toEqual({
      data: '/d',
      model_name: 'mini',
      seed: 7,
      balance: true,
      from_tomorrow: '{"a":1}',
      list: 'a,b',
    });
    const help: string[] = optionDeclarations().map(({ name }) => name);
    const known = help.filter((name) => name in settings);
    expect(Object.keys(settings)).toEqual([...known, 'from_tomorrow', 'list']);
    expect({ checkpoints, models }).toEqual({ checkpoints: [], models: [] });
    for (const name of ['checkpoint-3', 'checkpoint-6', 'best_model', '.unfinished-x']) {
      await mkdir(path.join(folder, name));
    }
    const later = (await follower.look()).run;
    expect(later.models).toEqual(['best_model']);
    expect(later.checkpoints.map(({ name, best }) => [name, best])).toEqual([
      ['checkpoint-3', true],
      ['checkpoint-6', false],
    ]);
  });

  it('is shown without settings where its configuration is damaged', async () => {
    await writeFile(file, eventLines(start()));
    await writeFile(path.join(folder, 'config.json'), '{"kind":"prm-train');
    expect((await follow().look()).run.settings).toEqual({});
  });

  it('answers in time with a part of a long run, and with the rest later', async () => {
    const steps = Array.from({ length: 20_000 }, (_, index) => stepEvent(index + 1));
    await writeFile(file, eventLines(start(), ...steps));
    const follower = follow();
    const { run, ended } = await follower.look(0);
    expect(run.reading).toBeLessThan(1);
    expect(ended).toBe(false);
    const whole = await follower.look();
    expect(whole.run.reading).toBeUndefined();
    expect(whole.run.events).toBe(20_001);
  });
});

describe('the runs together', () => {
  async function runOf(name: string, steps: number): Promise<string> {
    const run = path.join(folder, name);
    await mkdir(run);
    const events = Array.from({ length: steps }, (_, index) => stepEvent(index + 1, { loss: index }));
    await writeFile(path.join(run, 'events.jsonl'), eventLines(startEvent(0), ...events));
    return run;
  }

  it('keep no more lines than there is room for, and read them again when they are asked for', async () => {
    const room = 500_000;
    const book = new RunBook(room);
    const runs = [await runOf('a', 5000), await runOf('b', 5000), await runOf('c', 5000)];
    const charts = [];
    for (const run of runs) {
      charts.push(await book.chart(run, 100));
      expect(book.bytes).toBeLessThan(room);
    }
    expect(charts[0]?.train.step).toHaveLength(100);
    for (const [index, run] of runs.entries()) expect(await book.chart(run, 100)).toEqual(charts[index]);
    expect((await book.of(runs[0] ?? '').look()).run).toMatchObject({ step: 5000, events: 5001 });
  });

  it('have no lines where there is no run', async () => {
    expect(await new RunBook().chart(path.join(folder, 'nothing'), 100)).toBeNull();
  });
});

it('knows its own process as alive', () => {
  expect(isProcessAlive(process.pid)).toBe(true);
});
