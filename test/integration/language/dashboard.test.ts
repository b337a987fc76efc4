// The training dashboard's requests, over a real connection, on the folders of real runs (test/fixtures/runs).
import { appendFile, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LIST_RUNS,
  RUN_CHART,
  RUN_REPORT,
  type RunChart,
  type RunSummary,
} from '../../../protocol/src/dashboard.ts';
import { START_RUN, STOP_RUN } from '../../../protocol/src/requests.ts';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { eventLines, step } from '../../support/runEvents.ts';
import { failureOf, startEditor, type Editor } from './editor.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/runs');
const NAMES = ['done', 'failed', 'killed', 'resumed', 'staged', 'stopped'];

let workspace: string;
let editor: Editor;

beforeEach(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), 'prm-dashboard-')));
  for (const name of NAMES) await cp(path.join(FIXTURES, name), runFolder(name), { recursive: true });
  editor = await startEditor('in-band', { workspace });
});
afterEach(async () => {
  await editor.close();
  await rm(workspace, { recursive: true, force: true });
});

const runFolder = (name: string): string => path.join(workspace, '.prm/runs', name);
const runs = async (elsewhere?: string[]): Promise<RunSummary[]> =>
  editor.request(LIST_RUNS, elsewhere === undefined ? {} : { elsewhere });

async function runNamed(name: string): Promise<RunSummary> {
  const run = (await runs()).find((each) => each.name === name);
  if (run === undefined) throw new Error(`There is no run ${name}.`);
  return run;
}

async function chartOf(name: string, points = 2000, range?: { from: number; to: number }): Promise<RunChart> {
  const chart = await editor.request(RUN_CHART, {
    folder: runFolder(name),
    points,
    ...(range === undefined ? {} : { range }),
  });
  if (chart === null) throw new Error(`The run ${name} has no chart.`);
  return chart;
}

async function eventsOf(name: string): Promise<RunEvent[]> {
  const text = await readFile(path.join(FIXTURES, name, 'events.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('the list of runs', () => {
  it('has each with its state, the newest first', async () => {
    const found = await runs();
    expect(Object.fromEntries(found.map(({ name, state }) => [name, state]))).toEqual({
      done: 'done',
      failed: 'failed',
      killed: 'failed',
      resumed: 'done',
      staged: 'done',
      stopped: 'stopped',
    });
    const times = found.map(({ updatedAt }) => updatedAt ?? '');
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('says why a run failed, and how one that was killed can go on', async () => {
    expect((await runNamed('failed')).message).toMatch(/loss|finite|diverge/i);
    const killed = await runNamed('killed');
    expect(killed.message).toContain(`Resume goes on from ${killed.checkpoints.at(-1)?.name ?? 'none'}`);
    expect(killed.step).toBeLessThan(killed.totalSteps);
  });

  it('has what a run was asked for, what it left, and which of that is best', async () => {
    const done = await runNamed('done');
    expect(done.settings).toMatchObject({
      model_name: 'mini',
      batch_size: 4,
      num_epochs: 2,
      lora_targets: 'all',
    });
    expect(done).toMatchObject({ step: 70, totalSteps: 70, device: 'cpu', parameters: 7_344_640 });
    expect(done.models).toEqual(['best_model', 'final_model']);
    expect(done.checkpoints.filter(({ best }) => best).map(({ step: at }) => at)).toEqual([done.bestStep]);
    expect(Date.parse(done.updatedAt ?? '')).toBeGreaterThan(Date.parse(done.startedAt ?? ''));
    expect(done.best?.accuracy).toBeGreaterThan(done.best?.majorityAccuracy ?? 1);
  });

  it('lets two runs be compared by their settings', async () => {
    const [one, other] = [await runNamed('done'), await runNamed('stopped')];
    const differing = Object.keys(one.settings).filter((name) => one.settings[name] !== other.settings[name]);
    expect(differing.toSorted()).toEqual(['learning_rate', 'seed']);
  });

  it('knows the stage of a staged run', async () => {
    expect((await runNamed('staged')).stage).toContain('lora');
  });

  it('has runs elsewhere that are named, and nothing that is none', async () => {
    const elsewhere = path.join(workspace, 'experiments', 'first');
    await cp(path.join(FIXTURES, 'done'), elsewhere, { recursive: true });
    const foreign = path.join(workspace, 'web-shop');
    await mkdir(foreign);
    await writeFile(path.join(foreign, 'events.jsonl'), '{"type":"sale"}\n');
    const named = await runs([elsewhere, foreign, path.join(workspace, 'nothing')]);
    expect(named.map(({ folder }) => folder)).toContain(elsewhere);
    expect(named).toHaveLength(NAMES.length + 1);
  });

  it('loses a run whose folder is removed', async () => {
    await runs();
    await rm(runFolder('done'), { recursive: true });
    expect((await runs()).map(({ name }) => name)).not.toContain('done');
  });

  it('is the same for a server that was started anew', async () => {
    const before = await runs();
    const chart = await chartOf('resumed');
    await editor.close();
    editor = await startEditor('in-band', { workspace });
    expect(await runs()).toEqual(before);
    expect(await chartOf('resumed')).toEqual(chart);
  });
});

describe('the lines of a run', () => {
  it('hold what each step and each evaluation said', async () => {
    const { train, validation, steps } = await chartOf('done');
    const events = await eventsOf('done');
    const stepEvents = events.filter((event) => event.type === 'step');
    expect(steps).toBe(70);
    expect(train.step).toEqual(upTo(70));
    expect(train.examples).toEqual(stepEvents.map(({ examples }) => examples));
    for (const name of ['loss', 'accuracy', 'learningRate', 'gradientNorm', 'tokensPerSecond'] as const) {
      stepEvents.forEach((event, index) => {
        expect(train.values[name].mean[index]).toBeCloseTo(
          event[name],
          5 - Math.ceil(Math.log10(event[name] + 1)),
        );
      });
    }
    const evaluations = events.filter((event) => event.type === 'evaluation');
    expect(validation.step).toEqual(evaluations.map(({ step: at }) => at));
    expect(validation.values.balancedAccuracy).toHaveLength(evaluations.length);
    const wall = Date.parse(stepEvents.at(-1)?.time ?? '') - Date.parse(events[0]?.time ?? '');
    expect(train.seconds.at(-1)).toBeCloseTo(wall / 1000, 2);
  });

  it('show each step of a run that was killed and resumed once, without the pause', async () => {
    const events = await eventsOf('resumed');
    const starts = events.filter((event) => event.type === 'start');
    expect(starts).toHaveLength(2);
    const { train } = await chartOf('resumed');
    expect(train.step).toEqual(upTo(starts[1]?.totalSteps ?? 0));
    const pause =
      Date.parse(starts[1]?.time ?? '') -
      Date.parse(events[events.indexOf(starts[1] ?? step(0)) - 1]?.time ?? '');
    const whole = Date.parse(events.at(-1)?.time ?? '') - Date.parse(events[0]?.time ?? '');
    expect(train.seconds.at(-1)).toBeLessThanOrEqual((whole - pause) / 1000);
    expect(train.seconds).toEqual(train.seconds.toSorted((a, b) => a - b));
  });

  it('are reduced to as many points as were asked for, in the range that was asked for', async () => {
    const { train, steps, validation } = await chartOf('done', 5, { from: 21, to: 60 });
    expect(steps).toBe(40);
    expect(train.step).toEqual([28, 36, 44, 52, 60]);
    expect(validation.step).toEqual([30, 40, 50, 60]);
    const all = await chartOf('done');
    const first = all.train.values.loss.mean.slice(20, 28).map((loss) => loss ?? NaN);
    expect(train.values.loss.max[0]).toBe(Math.max(...first));
    expect(train.values.loss.min[0]).toBe(Math.min(...first));
  });

  it('go on while the run writes', async () => {
    const file = path.join(runFolder('killed'), 'events.jsonl');
    const before = await runNamed('killed');
    // Another process takes the run up, one that lives: it started this one.
    const [first] = await eventsOf('killed');
    if (first?.type !== 'start') throw new Error('A run begins with its start.');
    const time = new Date().toISOString();
    const begun = { ...first, time, pid: process.ppid, fromStep: before.step };
    const holder = { pid: process.ppid, host: hostname(), id: 'x' };
    await writeFile(path.join(runFolder('killed'), 'run.lock'), JSON.stringify(holder));
    await appendFile(file, eventLines(begun, step(before.step + 1, { time })));
    expect(await runNamed('killed')).toMatchObject({
      state: 'running',
      message: null,
      step: before.step + 1,
    });
    expect((await chartOf('killed')).train.step.at(-1)).toBe(before.step + 1);
    // Half a line is no event yet.
    const next = eventLines(step(before.step + 2, { time }));
    await appendFile(file, next.slice(0, 40));
    expect(await runNamed('killed')).toMatchObject({ step: before.step + 1, unreadableLines: 0 });
    await appendFile(file, next.slice(40));
    expect(await runNamed('killed')).toMatchObject({ step: before.step + 2, unreadableLines: 0 });
  });

  it('are none where there is no run', async () => {
    expect(await editor.request(RUN_CHART, { folder: path.join(workspace, 'no'), points: 10 })).toBeNull();
  });
});

describe('the report of an evaluation', () => {
  const reportOf = (name: string, at?: number) =>
    editor.request(RUN_REPORT, { folder: runFolder(name), ...(at === undefined ? {} : { step: at }) });

  it('is that of the newest evaluation, or of the step that was asked for', async () => {
    const newest = await reportOf('done');
    expect(newest?.step).toBe(70);
    expect(newest?.calibration).toHaveLength(10);
    expect(newest?.histogram.correct).toHaveLength(20);
    expect(newest?.worst[0]?.problem).not.toBe('');
    expect(newest?.positions.map(({ position }) => position)).toEqual(upTo(newest?.positions.length ?? 0));
    expect((await reportOf('done', 50))?.step).toBe(50);
    // Its file was pruned, or there was no evaluation.
    expect(await reportOf('done', 10)).toBeNull();
    expect(await reportOf('done', 33)).toBeNull();
  });

  it('says which file is damaged', async () => {
    const file = path.join(runFolder('done'), 'evaluation-70.json');
    await writeFile(file, '{"step":70');
    expect(await failureOf(reportOf('done'))).toMatchObject({ where: file });
  });

  it('is not read from outside of the run folder', async () => {
    const secret = path.join(workspace, 'secret.json');
    await cp(path.join(FIXTURES, 'done/evaluation-70.json'), secret);
    const file = path.join(runFolder('stopped'), 'events.jsonl');
    const evaluations = (await eventsOf('done')).filter((event) => event.type === 'evaluation');
    const [first] = evaluations;
    if (first === undefined) throw new Error('The run was evaluated.');
    for (const report of ['../../../secret.json', secret]) {
      await writeFile(file, eventLines({ ...first, report }));
      expect(await reportOf('stopped')).toBeNull();
    }
  });
});

it('may be looked at in a workspace that is not trusted, where nothing is started or stopped', async () => {
  await editor.close();
  editor = await startEditor('in-band', { workspace, trusted: false });
  expect(await runs()).toHaveLength(NAMES.length);
  expect((await chartOf('done')).steps).toBe(70);
  const folder = runFolder('stopped');
  for (const request of [
    editor.request(START_RUN, { outputDir: folder, resume: true }),
    editor.request(STOP_RUN, { folder }),
  ]) {
    expect((await failureOf(request)).actions).toContain('manageTrust');
  }
});
