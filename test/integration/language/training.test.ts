// A training run started from the editor: a process of its own, followed through its folder, across server restarts.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ResponseError } from 'vscode-jsonrpc/node';
import {
  FOLLOW_RUN,
  LIST_MODELS,
  START_RUN,
  STOP_RUN,
  type Failure,
  type RunNews,
  type StartedRun,
} from '../../../protocol/src/requests.ts';
import { isProcessAlive } from '../../../server/src/language/runFollower.ts';
import { startEditor, type Editor } from './editor.ts';

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
});

it('tells of a run that was killed', async () => {
  const { pid } = await startRun({ maxExamples: 2000, epochs: 20, batchSize: 8 });
  await editor.run(stepping);
  process.kill(pid, 'SIGKILL');
  const end = await editor.run(ended);
  expect(end.run.state).toBe('stalled');
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
  const request = editor.request(START_RUN, { data: 'nothing-here', outputDir: OUTPUT });
  const error: unknown = await request.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ResponseError);
  const failure = (error as ResponseError<Failure>).data;
  expect(failure?.what).toContain(path.join(workspace, 'nothing-here'));
  expect(failure?.what).not.toContain('    at ');
});
