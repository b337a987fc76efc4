// The engine client against the built engine, in a real process.
import { execFile, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ENGINE_ERROR_CODE,
  ENGINE_LOAD,
  ENGINE_SCORE,
  ENGINE_STARTED,
  type ScoreParams,
} from '../../../protocol/src/engine.ts';
import {
  EngineClient,
  type EngineState,
  type ModelScores,
} from '../../../server/src/scoring/engineClient.ts';
import { CancelledError } from '../../../server/src/support/errors.ts';
import { ENGINE_FILE } from '../../support/bundles.ts';
import { SMALL_CONFIG, smallModel, writeSmallModel } from '../../support/smallModel.ts';
import { writeModelFolder } from '../../../server/src/models/modelFolder.ts';

let root: string;
let model: string;
let slowModel: string;
const clients: EngineClient[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prm-engine-'));
  model = await writeSmallModel(root);
  slowModel = path.join(root, 'slow');
  // One score of a long trace takes the better part of a second: time enough to kill the engine within it.
  const config = {
    ...SMALL_CONFIG,
    num_hidden_layers: 8,
    intermediate_size: 2048,
    max_position_embeddings: 8192,
  };
  await writeModelFolder(slowModel, smallModel(1, config));
});
afterEach(() => Promise.all(clients.splice(0).map((client) => client.dispose())));
afterAll(() => rm(root, { recursive: true, force: true }));

function newClient(engineFile = ENGINE_FILE, environment = process.env) {
  const states: EngineState[] = [];
  const output: string[] = [];
  const client = new EngineClient({
    engineFile,
    environment,
    log: (line) => output.push(line),
    onStateChange: (state) => states.push(state),
  });
  clients.push(client);
  return { client, output, names: () => states.map(({ name }) => name) };
}

function trace(steps: number, problem = 'Tom has 3 boxes of 12 pens. How many pens has he?'): ScoreParams {
  return { problem, steps: Array.from({ length: steps }, (_, step) => `Step: ${step} + 1 = ${step + 1}.`) };
}

/** Scores with a model on the CPU. */
function score(
  client: EngineClient,
  text: ScoreParams,
  modelFolder = model,
  signal?: AbortSignal,
): Promise<ModelScores> {
  return client.score({ modelFolder, device: 'cpu' }, text, signal);
}

function kill(client: EngineClient): void {
  if (client.pid === undefined) throw new Error('No engine runs.');
  process.kill(client.pid, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 400) throw new Error('It did not come about within 20 s.');
    await wait(50);
  }
}

describe('scoring', () => {
  it('starts the engine on first need, loads and scores', async () => {
    const { client, names } = newClient();
    expect(client.pid).toBeUndefined();
    const { model: loaded, result } = await score(client, trace(3));
    expect(loaded).toMatchObject({ modelFolder: model, name: 'small', device: 'cpu', maxTokens: 512 });
    expect(result.scores).toHaveLength(3);
    for (const value of result.scores) expect(value).toBeGreaterThan(0);
    expect(result.tokens).toBeGreaterThan(3);
    expect(result.milliseconds).toBeGreaterThan(0);
    expect(names()).toEqual(['starting', 'loading', 'ready']);
  });

  it('scores a trace once, by content, and again with another model', async () => {
    const { client } = newClient();
    const { result: first } = await score(client, trace(3));
    expect((await score(client, trace(3))).result).toBe(first);
    expect((await score(client, trace(3, 'Another problem?'))).result).not.toEqual(first);
    const other = await writeSmallModel(root, 'other', 2);
    expect((await score(client, trace(3), other)).result.scores).not.toEqual(first.scores);
    expect((await score(client, trace(3))).result).toBe(first);
  });

  it('answers many requests at once, each with its own scores, and loads once', async () => {
    const { client, names } = newClient();
    const counts = [1, 5, 2, 8, 3];
    const answers = await Promise.all(counts.map((count) => score(client, trace(count))));
    expect(answers.map(({ result }) => result.scores.length)).toEqual(counts);
    expect(names()).toEqual(['starting', 'loading', 'ready']);
  });

  it('answers requests for different models at once, each with the scores of its own', async () => {
    const other = await writeSmallModel(root, 'rival', 3);
    const alone = newClient().client;
    const expected = [
      (await score(alone, trace(3), model)).result.scores,
      (await score(alone, trace(3), other)).result.scores,
    ];
    expect(expected[0]).not.toEqual(expected[1]);

    const { client } = newClient();
    const asked = [model, other, model, other];
    const answers = await Promise.all(asked.map((folder) => score(client, trace(3), folder)));
    expect(answers.map((answer) => answer.model.modelFolder)).toEqual(asked);
    expect(answers.map(({ result }) => result.scores)).toEqual([...expected, ...expected]);
    // From what was kept, too: by the weights that scored.
    for (const [index, folder] of [model, other].entries()) {
      expect((await score(client, trace(3), folder)).result).toBe(answers[index]?.result);
    }
  });

  it('loads a model anew once it was replaced in its folder', async () => {
    const { client } = newClient();
    const folder = await writeSmallModel(root, 'replaced', 4);
    const choice = { modelFolder: folder, device: 'cpu', revision: 1 } as const;
    const before = await client.score(choice, trace(3));
    await rm(folder, { recursive: true });
    await writeSmallModel(root, 'replaced', 5);
    const after = await client.score({ ...choice, revision: 2 }, trace(3));
    expect(after.model.weightsSha256).not.toBe(before.model.weightsSha256);
    expect(after.result.scores).not.toEqual(before.result.scores);
  });

  it('carries refusals over the border with all their parts', async () => {
    const { client } = newClient();
    await expect(score(client, trace(500))).rejects.toMatchObject({
      name: 'TraceTooLongError',
      what: expect.stringMatching(/^The trace has \d+ (tokens|characters)/) as string,
      remedy: 'Score one solution at a time, or a shorter part of it.',
    });
    await expect(score(client, { problem: 'x'.repeat(10_000_000), steps: ['1'] })).rejects.toThrow(
      /^The trace has 10000001 characters/,
    );
    expect((await score(client, trace(2))).result.scores).toHaveLength(2);
  });
});

describe('loading', () => {
  it('names the file of a damaged model, and loads it once it is repaired', async () => {
    const folder = await writeSmallModel(root, 'damaged');
    await writeFile(path.join(folder, 'config.json'), 'garbage');
    const { client } = newClient();
    await expect(score(client, trace(1), folder)).rejects.toMatchObject({
      name: 'PrmError',
      where: path.join(folder, 'config.json'),
      what: expect.stringMatching(/^The file is not JSON/) as string,
    });
    expect(client.state).toMatchObject({
      name: 'failed',
      message: expect.stringContaining('config.json') as string,
    });
    await expect(score(client, trace(1), folder)).rejects.toThrow(/config\.json: The file is not JSON/);
    await rm(folder, { recursive: true });
    await writeSmallModel(root, 'damaged');
    expect((await score(client, trace(1), folder)).result.scores).toHaveLength(1);
    expect(client.state.name).toBe('ready');
  });

  it('says that a folder is not there, and that a device is not', async () => {
    const { client } = newClient();
    await expect(score(client, trace(1), path.join(root, 'nowhere'))).rejects.toThrow(
      `${path.join(root, 'nowhere')}: There is no such model folder.`,
    );
    await expect(client.score({ modelFolder: model, device: 'coreml' }, trace(1))).rejects.toMatchObject({
      name: 'PrmError',
      what: expect.stringContaining('coreml') as string,
    });
    expect((await score(client, trace(1))).model.device).toBe('cpu');
  });

  it('says that the engine is missing', async () => {
    const { client } = newClient(path.join(root, 'engine.cjs'));
    await expect(score(client, trace(1))).rejects.toThrow(
      `${path.join(root, 'engine.cjs')}: The scoring engine is missing. Install the extension again`,
    );
  });

  it('says why an engine did not start', async () => {
    const broken = path.join(root, 'broken.cjs');
    await writeFile(broken, "require('a-library-that-is-not-there');\n");
    const { client } = newClient(broken);
    await expect(score(client, trace(1))).rejects.toThrow(
      /^The scoring engine stopped \(exit code 1\): Error: Cannot find module 'a-library-that-is-not-there'/,
    );
  });
});

describe('an engine that dies', () => {
  it('fails the request in flight with one message, restarts and loads the model again', async () => {
    const { client, output, names } = newClient();
    const { result: before } = await score(client, trace(2), slowModel);
    const first = client.pid;
    const waiting = Promise.allSettled([
      score(client, trace(700), slowModel),
      score(client, trace(3), slowModel),
    ]);
    await wait(50);
    kill(client);
    const [inFlight, next] = await waiting;
    const message =
      'The scoring engine stopped (signal SIGKILL). The system may have run out of memory. ' +
      'Try again: the engine starts anew.';
    expect(inFlight).toMatchObject({ status: 'rejected', reason: { name: 'PrmError', message } });
    expect(output.filter((line) => line.includes('stopped'))).toEqual([message]);
    // The one behind it had not reached the engine: it goes to the new one.
    expect(next).toMatchObject({ status: 'fulfilled' });
    expect(client.pid).not.toBe(first);
    expect((await score(client, trace(2), slowModel)).result).toBe(before);
    expect(names()).toEqual(['starting', 'loading', 'ready', 'failed', 'starting', 'loading', 'ready']);
  });

  it('dies while nothing is asked of it, and is back for the next score', async () => {
    const { client } = newClient();
    const { scores } = (await score(client, trace(3))).result;
    kill(client);
    await until(() => client.state.name === 'failed');
    const again = await score(client, trace(3));
    expect(again.result.scores).toEqual(scores);
    expect((await score(client, trace(4))).result.scores).toHaveLength(4);
  });

  it('waits longer each time that it dies without having scored', async () => {
    const { client } = newClient();
    // Too long a trace: the model is loaded, and nothing scored.
    const refused = () => expect(score(client, trace(500))).rejects.toThrow('The trace has');
    for (let death = 0; death < 3; death++) {
      await refused();
      kill(client);
      await until(() => client.state.name === 'failed');
    }
    const started = performance.now();
    await refused();
    // The third back-off lasts 1 s from the death, which is noticed here within 50 ms.
    expect(performance.now() - started).toBeGreaterThan(900);
  });
});

describe('cancelling', () => {
  it('answers at once, and never computes a score that had not begun', async () => {
    const { client } = newClient();
    await score(client, trace(1), slowModel);
    const controller = new AbortController();
    const inFlight = score(client, trace(700), slowModel, controller.signal);
    const behind = score(client, trace(600), slowModel, controller.signal);
    const kept = score(client, trace(2), slowModel);
    await wait(20);
    const aborted = performance.now();
    controller.abort();
    await expect(inFlight).rejects.toBeInstanceOf(CancelledError);
    await expect(behind).rejects.toBeInstanceOf(CancelledError);
    expect(performance.now() - aborted).toBeLessThan(50);
    expect((await kept).result.scores).toHaveLength(2);
    await expect(score(client, trace(2), slowModel, AbortSignal.abort())).rejects.toBeInstanceOf(
      CancelledError,
    );
  });

  it('cancels everything when the client is disposed, and ends the process', async () => {
    const { client } = newClient();
    await score(client, trace(1));
    const pid = client.pid ?? NaN;
    expect(isAlive(pid)).toBe(true);
    const waiting = expect(score(client, trace(30))).rejects.toBeInstanceOf(CancelledError);
    await client.dispose();
    await waiting;
    expect(isAlive(pid)).toBe(false);
    expect(client.state.name).toBe('stopped');
  });
});

describe('the engine process', () => {
  it('ends when its parent is killed', async () => {
    // A parent that starts the engine, tells its process id and lives until it is killed.
    const parentFile = path.join(root, 'parent.cjs');
    await writeFile(
      parentFile,
      `const engine = require('node:child_process').fork(${JSON.stringify(ENGINE_FILE)});
       engine.once('message', () => process.send(engine.pid));
       setInterval(() => {}, 1000);\n`,
    );
    const parent = fork(parentFile, [], { execArgv: [], stdio: 'ignore' });
    const [pid] = (await once(parent, 'message')) as [number];
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  it('refuses requests that are not what the protocol says, and goes on', async () => {
    const engine = fork(ENGINE_FILE, [], { execArgv: [], stdio: 'ignore' });
    const answers = on(engine, 'message');
    const next = async () => ((await answers.next()).value as unknown[])[0];
    expect(await next()).toEqual({ jsonrpc: '2.0', method: ENGINE_STARTED });
    engine.send({ jsonrpc: '2.0', id: 1, method: ENGINE_SCORE, params: { problem: 'x', steps: 'y' } });
    expect(await next()).toMatchObject({
      id: 1,
      error: {
        code: ENGINE_ERROR_CODE,
        data: { what: expect.stringMatching(/^Invalid parameters:.*steps/s) as string },
      },
    });
    engine.send({
      jsonrpc: '2.0',
      id: 2,
      method: ENGINE_LOAD,
      params: { modelFolder: model, device: 'abacus' },
    });
    expect(await next()).toMatchObject({ id: 2, error: { code: ENGINE_ERROR_CODE } });
    engine.send({
      jsonrpc: '2.0',
      id: 3,
      method: ENGINE_LOAD,
      params: { modelFolder: model, device: 'cpu' },
    });
    expect(await next()).toMatchObject({ id: 3, result: { name: 'small' } });
    engine.disconnect();
    expect(await once(engine, 'exit')).toEqual([0, null]);
  });

  it('refuses to be started by hand', async () => {
    await expect(promisify(execFile)(process.execPath, [ENGINE_FILE])).rejects.toMatchObject({
      code: 2,
      stderr: 'The scoring engine is started by `prm score` and by the editor, not by hand.\n',
    });
  });
});
