// A training run started from the editor: a process of its own, followed through its folder, across server restarts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  EVALUATE_MODEL,
  FOLLOW_RUN,
  LIST_DEVICES,
  LIST_MODELS,
  START_RUN,
  STOP_RUN,
  type RunNews,
  type StartedRun,
} from '../../../protocol/src/requests.ts';
import { isProcessAlive } from '../../../server/src/support/processes.ts';
import { type Editor, failureOf, startEditor } from './editor.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../../samples/gsm8k-stepwise-sample.parquet');
const OUTPUT = '.prm/runs/tiny';

let workspace: string;
let editor: Editor;
let started: StartedRun | undefined;

beforeEach(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), 'prm-train-')));
  editor = await startEditor('spawned', { workspace });
});
afterEach(async () => {
  await editor.close();
  if (started !== undefined && isProcessAlive(started.pid)) process.kill(started.pid, 'SIGKILL');
  started = undefined;
  await rm(workspace, { recursive: true, force: true });
});

const startRun = async (more: object): Promise<StartedRun> =>
  (started = await editor.request(START_RUN, { dataset: SAMPLE, outputDir: OUTPUT, device: 'cpu', ...more }));

const ended = ({ ended: over }: RunNews): boolean => over;
const stepping = ({ run }: RunNews): boolean => run.state === 'running' && run.step >= 1;

it('trains to the end, with news of each step, and leaves a model to select', async () => {
  const { folder, logFile } = await startRun({ maxExamples: 30, epochs: 1, batchSize: 8 });
  expect(folder).toBe(path.join(workspace, OUTPUT));
  expect(logFile).toBe(`${folder}.log`);
  const step = await editor.run(stepping);
  expect(step.run.loss).toBeGreaterThan(0);
  expect(step.run.secondsLeft).not.toBeNull();
  const end = await editor.run(ended);
  expect(end).toMatchObject({ run: { folder, state: 'done' }, modelFolder: path.join(folder, 'best_model') });
  expect(end.run.step).toBe(end.run.totalSteps);
  const models = await editor.request(LIST_MODELS, {});
  expect(models.map(({ label }) => label).sort()).toEqual(['tiny / best_model', 'tiny / final_model']);

  // Without data it is measured on what the run was evaluated on: the figures are those of its best evaluation.
  const evaluated = await editor.request(EVALUATE_MODEL, {
    model: OUTPUT,
    device: 'cpu',
    workDoneToken: 'evaluating',
  });
  expect(evaluated).toMatchObject({ modelFolder: path.join(folder, 'best_model'), threshold: 0.5 });
  expect(evaluated.metrics.steps).toBe(end.run.best?.steps);
  expect(evaluated.metrics.accuracy).toBeCloseTo(end.run.best?.accuracy ?? NaN, 2);
  expect(evaluated.report.worst.length).toBeGreaterThan(0);
  const progress = editor
    .seen<{ token: string; value: { kind: string; message?: string; percentage?: number } }>({
      method: '$/progress',
    })
    .filter(({ token }) => token === 'evaluating')
    .map(({ value }) => value);
  expect(progress.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['begin', 'report', 'end']) as string[],
  );
  const [report] = progress.filter(({ percentage }) => percentage !== undefined);
  expect(report?.message).toMatch(/^Scoring: \d+ of \d+/);
});

it('names a model that is not there, and data that is not known', async () => {
  const model = path.join(workspace, 'nothing');
  const of = (more: object) => failureOf(editor.request(EVALUATE_MODEL, { model, ...more }));
  expect(await of({})).toMatchObject({ where: model, what: expect.stringContaining('not known') as string });
  expect((await of({ dataset: SAMPLE, maxExamples: 4 })).where).toBe(model);
});

it('tries the devices of this machine', async () => {
  const { devices, auto } = await editor.request(LIST_DEVICES, {});
  const cpu = devices.find(({ device }) => device === 'cpu');
  expect(cpu).toMatchObject({ works: true });
  expect(cpu?.gigaflops).toBeGreaterThan(0);
  for (const { works, reason } of devices) expect(works ? 'works' : reason).toBeTruthy();
  expect(devices.find(({ device }) => device === auto.device)?.works).toBe(true);
});

it('goes on when the server ends, is found again by the next one, and stops with a checkpoint', async () => {
  const { pid, folder } = await startRun({ maxExamples: 2000, epochs: 20, batchSize: 8 });
  await editor.run(stepping);
  await editor.close();
  expect(isProcessAlive(pid)).toBe(true);

  editor = await startEditor('spawned', { workspace });
  const found = await editor.run(stepping);
  expect(found.run.folder).toBe(folder);
  await editor.request(STOP_RUN, { folder });
  const end = await editor.run(ended);
  expect(end.run.state).toBe('stopped');
  expect(end.run.step).toBeLessThan(end.run.totalSteps);
  await expect.poll(() => isProcessAlive(pid), { timeout: 20_000 }).toBe(false);

  // Resumed with nothing but its folder: it goes on behind the step where it stopped.
  started = await editor.request(START_RUN, { outputDir: OUTPUT, resume: true });
  const goesOn = await editor.run(({ run }) => run.state === 'running' && run.step > end.run.step);
  expect(goesOn.run).toMatchObject({ totalSteps: end.run.totalSteps, message: null });
});

it('tells of a run that was killed', async () => {
  const { pid } = await startRun({ maxExamples: 2000, epochs: 20, batchSize: 8 });
  await editor.run(stepping);
  process.kill(pid, 'SIGKILL');
  const end = await editor.run(ended);
  expect(end.run.state).toBe('failed');
  expect(end.run.message).toMatch(/The process is gone without a word/);
  expect(end.logFile).not.toBeNull();
});

it('tells of a run that ended while no server was there', async () => {
  const folder = path.join(workspace, 'elsewhere');
  const time = new Date().toISOString();
  await mkdir(folder);
  await writeFile(
    path.join(folder, 'events.jsonl'),
    [
      { type: 'start', time, pid: 1, totalSteps: 3, fromStep: 0, parameters: 1, device: 'cpu' },
      { type: 'end', time, state: 'done', step: 3 },
    ]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  );
  await editor.request(FOLLOW_RUN, { folder });
  expect((await editor.run(ended)).run).toMatchObject({ folder, state: 'done', step: 3 });
});

it('answers with the reason when the run refuses its options', async () => {
  const logFile = path.join(workspace, `${OUTPUT}.log`);
  const earlier = 'prm: what an earlier run said\n';
  await mkdir(path.dirname(logFile), { recursive: true });
  await writeFile(logFile, earlier);
  const { what } = await failureOf(editor.request(START_RUN, { data: 'nothing-here', outputDir: OUTPUT }));
  expect(what).toContain(path.join(workspace, 'nothing-here'));
  expect(what).not.toContain('    at ');
  const log = await readFile(logFile, 'utf8');
  expect(log.startsWith(earlier)).toBe(true);
  expect(log).toContain('nothing-here');
});

it('leaves a live run and its log as they are when a second run on its folder is refused', async () => {
  const { folder, logFile, pid } = await startRun({ maxExamples: 2000, epochs: 20, batchSize: 8 });
  await editor.run(stepping);
  const before = await readFile(logFile, 'utf8');
  const { what } = await failureOf(
    editor.request(START_RUN, { dataset: SAMPLE, outputDir: OUTPUT, overwrite: true }),
  );
  expect(what).toContain(`in use by process ${pid}`);
  expect((await readFile(logFile, 'utf8')).startsWith(before)).toBe(true);
  await editor.request(STOP_RUN, { folder });
  expect((await editor.run(ended)).run.state).toBe('stopped');
});

it('answers, and lives on, when the process cannot be started', async () => {
  const elsewhere = await mkdtemp(path.join(tmpdir(), 'prm-elsewhere-'));
  await rm(workspace, { recursive: true });
  const request = { data: elsewhere, outputDir: path.join(elsewhere, 'run') };
  // Once more: the server that answers is the same one.
  for (let tries = 0; tries < 2; tries++) {
    const failure = await failureOf(editor.request(START_RUN, request));
    expect(failure).toMatchObject({ where: workspace, what: expect.stringContaining('ENOENT') as string });
  }
  await rm(elsewhere, { recursive: true });
});

it('signals no process that does not hold the lock of the run folder', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    await once(bystander, 'spawn');
    const { pid = NaN } = bystander;
    const folder = path.join(workspace, 'elsewhere');
    const time = new Date().toISOString();
    const start = { type: 'start', time, pid, totalSteps: 3, fromStep: 0, parameters: 1, device: 'cpu' };
    await mkdir(folder);
    await writeFile(path.join(folder, 'events.jsonl'), `${JSON.stringify(start)}\n`);
    await editor.request(FOLLOW_RUN, { folder });
    await editor.run(({ run }) => run.totalSteps === 3);
    const stop = async (): Promise<string> => (await failureOf(editor.request(STOP_RUN, { folder }))).what;
    const refusal = 'No training run is going on in this folder';
    expect(await stop()).toBe(refusal);
    for (const holder of [
      { pid: process.pid, host: hostname() },
      { pid, host: 'another-machine' },
    ]) {
      await writeFile(path.join(folder, 'run.lock'), JSON.stringify({ ...holder, id: 'x' }));
      expect(await stop()).toBe(refusal);
    }
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    // With a lock of its own it is: the bystander was there to be hit all the time.
    await writeFile(path.join(folder, 'run.lock'), JSON.stringify({ pid, host: hostname(), id: 'x' }));
    const exit = once(bystander, 'exit');
    await editor.request(STOP_RUN, { folder });
    expect(await exit).toEqual([null, 'SIGINT']);
  } finally {
    bystander.kill('SIGKILL');
  }
});

it('stops, measures and tries nothing in a workspace that is not trusted', async () => {
  await editor.close();
  editor = await startEditor('spawned', { workspace, trusted: false });
  for (const request of [
    editor.request(STOP_RUN, { folder: path.join(workspace, OUTPUT) }),
    editor.request(EVALUATE_MODEL, { model: OUTPUT }),
    editor.request(LIST_DEVICES, {}),
  ]) {
    expect((await failureOf(request)).actions).toContain('manageTrust');
  }
});
