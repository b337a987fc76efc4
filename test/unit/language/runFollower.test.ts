// Following a run through its events.jsonl, written by whoever, in whatever pieces.
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { RunFollower, Tail } from '../../../server/src/language/runFollower.ts';
import { isProcessAlive } from '../../../server/src/support/processes.ts';

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

const start = (second = 0, pid = 4242): RunEvent => ({
  type: 'start',
  time: at(second),
  pid,
  totalSteps: 10,
  fromStep: 0,
  parameters: 1000,
  device: 'cpu',
});
const step = (number: number): RunEvent => ({
  type: 'step',
  time: at(number),
  step: number,
  totalSteps: 10,
  epoch: 0,
  loss: 0.5,
  accuracy: 0.8,
  learningRate: 0.001,
  gradientNorm: 1,
  tokensPerSecond: 4000,
  stepsPerSecond: 2,
  secondsLeft: 4,
  memoryBytes: 1e8,
});
const end = (second: number): RunEvent => ({ type: 'end', time: at(second), state: 'done', step: 10 });

const lines = (...events: RunEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

describe('the tail of a file', () => {
  it('is empty while there is no file', async () => {
    expect(await new Tail(file).read()).toEqual({ lines: [], restarted: false });
  });

  it('gives each line once, and only when it is whole', async () => {
    const tail = new Tail(file);
    await writeFile(file, 'one\ntw');
    expect((await tail.read()).lines).toEqual(['one']);
    expect((await tail.read()).lines).toEqual([]);
    await appendFile(file, 'o\nthree\n');
    expect((await tail.read()).lines).toEqual(['two', 'three']);
  });

  it('does not break a character that is half written', async () => {
    const tail = new Tail(file);
    const bytes = Buffer.from('Größe ✓\n');
    await writeFile(file, bytes.subarray(0, 9));
    expect((await tail.read()).lines).toEqual([]);
    await appendFile(file, bytes.subarray(9));
    expect((await tail.read()).lines).toEqual(['Größe ✓']);
  });

  it('starts again when the file is cut short or replaced', async () => {
    const tail = new Tail(file);
    await writeFile(file, 'one\ntwo\n');
    await tail.read();
    await writeFile(file, 'new\n');
    expect(await tail.read()).toEqual({ lines: ['new'], restarted: true });
    await writeFile(`${file}.tmp`, 'another, and longer than before\n');
    await rename(`${file}.tmp`, file);
    expect(await tail.read()).toEqual({ lines: ['another, and longer than before'], restarted: true });
  });
});

describe('a followed run', () => {
  const living = new Set<number>();
  const follow = (started?: { pid: number; at: number }): RunFollower =>
    new RunFollower({ folder, ...(started && { started }), isAlive: (pid) => living.has(pid) });

  beforeEach(() => {
    living.clear();
    living.add(4242);
  });

  it('is told from its start to its end', async () => {
    const follower = follow({ pid: 4242, at: Date.parse(at(0)) });
    expect((await follower.look()).run).toMatchObject({ state: 'running', step: 0, device: 'not started' });
    await writeFile(file, lines(start(), step(1)));
    expect(await follower.look()).toMatchObject({
      ended: false,
      changed: true,
      run: { step: 1, device: 'cpu' },
    });
    expect((await follower.look()).changed).toBe(false);
    await appendFile(file, lines(step(2), end(3)));
    living.clear();
    expect(await follower.look()).toMatchObject({ ended: true, run: { state: 'done', step: 10 } });
  });

  it('has ended when its process is gone without a last event', async () => {
    await writeFile(file, lines(start(), step(1)));
    const follower = follow({ pid: 4242, at: Date.parse(at(0)) });
    expect((await follower.look()).ended).toBe(false);
    living.clear();
    expect(await follower.look()).toMatchObject({ ended: true, run: { state: 'stalled', step: 1 } });
  });

  it('is found alive by the process that its file names', async () => {
    await writeFile(file, lines(start(0, 77), step(1)));
    living.add(77);
    const follower = follow();
    await follower.look();
    expect(follower.pid).toBe(77);
    expect(await follower.look()).toMatchObject({ ended: false, run: { state: 'running' } });
  });

  it('is found dead by it', async () => {
    await writeFile(file, lines(start(0, 77), step(1)));
    const follower = follow();
    await follower.look();
    expect((await follower.look()).ended).toBe(true);
  });

  it('is not over by the end of an earlier session that it goes on from', async () => {
    await writeFile(file, lines(start(0, 1), step(1), end(2)));
    const follower = follow({ pid: 4242, at: Date.parse(at(5)) });
    expect((await follower.look()).ended).toBe(false);
    expect(follower.pid).toBe(4242);
    await appendFile(file, lines(start(6, 4242), step(2)));
    expect(await follower.look()).toMatchObject({ ended: false, run: { step: 2 } });
    expect(follower.pid).toBe(4242);
  });

  it('is read past lines that are no events', async () => {
    await writeFile(file, `${lines(start())}{"type":"step","st\n{"type":"later"}\n${lines(step(1))}`);
    expect((await follow({ pid: 4242, at: 0 }).look()).run.step).toBe(1);
  });
});

it('knows its own process as alive', () => {
  expect(isProcessAlive(process.pid)).toBe(true);
});
