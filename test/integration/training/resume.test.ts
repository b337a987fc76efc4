// A run that was stopped or killed and resumed ends exactly, to the bit, like one that was never stopped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { readEvents } from '../../../server/src/training/events.ts';
import type { TrainOptions } from '../../../server/src/training/options.ts';
import { formatSample, TINY_OPTIONS, trainTiny } from '../../support/tinyTraining.ts';

/** A run in a process of its own, to be killed: prints its step after each one. */
const SCRIPT = `
  const { trainTiny } = await import(${JSON.stringify(path.resolve(import.meta.dirname, '../../support/tinyTraining.ts'))});
  await trainTiny(JSON.parse(process.argv[1]), {
    onEvent: (event) => { if (event.type === 'step') console.log(event.step); },
  });
`;

let folder: string;
/** Never stopped. */
let whole: Run;

interface Run {
  losses: Map<number, number>;
  evaluations: Map<number, { loss: number; best: boolean }>;
  model: Buffer;
  best: Buffer;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-resume-'));
  await formatSample(path.join(folder, 'data'));
  const { outcome } = await trainTiny(options('whole'));
  expect(outcome).toMatchObject({ state: 'done', step: outcome.totalSteps });
  expect(outcome.totalSteps).toBeGreaterThan(12);
  whole = await readRun('whole');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function options(name: string): TrainOptions {
  return { ...TINY_OPTIONS, data: path.join(folder, 'data'), output_dir: path.join(folder, name) };
}

/** What the run folder says; of steps made twice, the later one. */
async function readRun(name: string): Promise<Run> {
  const { events, unreadableLines } = await readEvents(path.join(folder, name, 'events.jsonl'));
  expect(unreadableLines).toBe(0);
  const losses = new Map<number, number>();
  const evaluations: Run['evaluations'] = new Map();
  for (const event of events) {
    if (event.type === 'step') losses.set(event.step, event.loss);
    if (event.type === 'evaluation') {
      evaluations.set(event.step, { loss: event.metrics.loss, best: event.best });
    }
  }
  const weights = (model: string) => readFile(path.join(folder, name, model, 'model.safetensors'));
  return { losses, evaluations, model: await weights('final_model'), best: await weights('best_model') };
}

async function expectSameAsWhole(name: string): Promise<void> {
  const run = await readRun(name);
  expect(run.losses).toEqual(whole.losses);
  expect(run.evaluations).toEqual(whole.evaluations);
  expect(run.model.equals(whole.model)).toBe(true);
  expect(run.best.equals(whole.best)).toBe(true);
}

async function resume(name: string): Promise<RunEvent[]> {
  const { outcome, events } = await trainTiny({ output_dir: path.join(folder, name), resume: true });
  expect(outcome.state).toBe('done');
  return events;
}

describe('a resumed run', () => {
  it('ends like the whole one after a stop at a step', async () => {
    const stop = new AbortController();
    const { outcome, events } = await trainTiny(options('stopped'), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 7) stop.abort();
      },
    });
    expect(outcome).toMatchObject({ state: 'stopped', step: 7 });
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      state: 'stopped',
      step: 7,
      message: `Go on with prm train --resume --output_dir ${path.join(folder, 'stopped')}`,
    });
    expect(await readdir(path.join(folder, 'stopped'))).toContain('checkpoint-7');
    const [start] = await resume('stopped');
    expect(start).toMatchObject({ type: 'start', fromStep: 7 });
    await expectSameAsWhole('stopped');
  });

  it('ends like the whole one after a stop in the middle of an evaluation', async () => {
    const stop = new AbortController();
    const { outcome } = await trainTiny(options('evaluating'), {
      signal: stop.signal,
      onEvent: (event) => {
        // The evaluation of step 10 comes next; the signal is looked at before its first batch.
        if (event.type === 'step' && event.step === 10) stop.abort();
      },
    });
    expect(outcome).toMatchObject({ state: 'stopped', step: 10, finalMetrics: undefined });
    await resume('evaluating');
    await expectSameAsWhole('evaluating');
  });

  it('ends like the whole one after being stopped before its first step', async () => {
    const stop = new AbortController();
    const { outcome } = await trainTiny(options('early'), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'start') stop.abort();
      },
    });
    expect(outcome).toMatchObject({ state: 'stopped', step: 0 });
    await resume('early');
    await expectSameAsWhole('early');
  });

  it('ends like the whole one after SIGKILL', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT, JSON.stringify(options('killed'))],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === '8') child.kill('SIGKILL');
    }
    expect(await ended).toEqual([null, 'SIGKILL']);
    const before = await readdir(path.join(folder, 'killed'));
    expect(before).toContain('run.lock');
    expect(before).not.toContain('final_model');

    const [start] = await resume('killed');
    expect(start).toMatchObject({ type: 'start' });
    expect([6, 9]).toContain(start?.type === 'start' ? start.fromStep : undefined);
    await expectSameAsWhole('killed');
    const after = await readdir(path.join(folder, 'killed'));
    expect(after.filter((name) => name.startsWith('.') || name.includes('lock'))).toEqual([]);
  });

  it('keeps the newest checkpoints and the best one', async () => {
    const names = (await readdir(path.join(folder, 'whole'))).filter((name) =>
      name.startsWith('checkpoint-'),
    );
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(names.length).toBeLessThanOrEqual(3);
    expect(names).toContain(`checkpoint-${Math.max(...whole.losses.keys())}`);
  });
});
