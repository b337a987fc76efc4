// Scoring through the engine process: started on first need, restarted with back-off when it dies, its scores kept.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import {
  ENGINE_LOAD,
  ENGINE_SCORE,
  type Device,
  type LoadedModel,
  type ScoreParams,
  type ScoreResult,
} from '../../../protocol/src/engine.ts';
import { CancelledError, messageOf, throwIfCancelled } from '../support/errors.ts';
import { Turns } from '../support/turns.ts';
import { EngineProcess } from './engineProcess.ts';

/** The model that is to score. Another one in any of these is another model, and is loaded anew. */
export interface ModelChoice {
  /** A model folder, or a run folder with one in it. */
  modelFolder: string;
  device: Device;
  /** Changes when the folder's model is replaced, its modification time for one; left out: it is not replaced. */
  revision?: number;
}

export interface ModelScores {
  result: ScoreResult;
  /** The model that gave these scores. */
  model: LoadedModel;
}

export type EngineState =
  | { name: 'stopped' }
  | { name: 'starting' }
  | { name: 'loading'; modelFolder: string }
  | { name: 'ready'; model: LoadedModel; choice: ModelChoice }
  | { name: 'failed'; message: string };

export interface EngineClientOptions {
  /** The engine's bundle, dist/server/engine.cjs. */
  engineFile: string;
  /** One line about what the engine does or prints, without a line end. */
  log: (line: string) => void;
  onStateChange?: (state: EngineState) => void;
  /** Of the engine process; left out: this process's. */
  environment?: NodeJS.ProcessEnv;
}

/** Wait before the engine starts again: doubled with each death since the last score, measured from the death. */
const FIRST_BACK_OFF_MILLISECONDS = 250;
const LONGEST_BACK_OFF_MILLISECONDS = 30_000;

/** Traces whose scores are kept: a few hundred bytes each. */
const SCORES_KEPT = 2_000;

export class EngineClient {
  readonly #options: EngineClientOptions;
  readonly #scores = new LRUCache<string, ScoreResult>({ max: SCORES_KEPT });
  readonly #disposed = new AbortController();
  /** The engine computes one thing at a time; waiting here, a request can still be cancelled. */
  readonly #turns = new Turns();
  #state: EngineState = { name: 'stopped' };
  #process: EngineProcess | undefined;
  #deaths = 0;
  #lastDeath = -Infinity;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Of the engine process, undefined where none runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Scores a trace with the model chosen. Where another one is loaded, or the engine has died, it is loaded first, in
   * the same turn: requests for different models never score with each other's.
   *
   * @param signal aborted: rejects at once with a CancelledError; a score not begun is then never computed
   * @throws PrmError where the folder is damaged, no device takes the model, the trace is too long, or the engine
   *   stopped
   */
  async score(choice: ModelChoice, trace: ScoreParams, signal?: AbortSignal): Promise<ModelScores> {
    throwIfCancelled(signal);
    const loaded = this.#loaded(choice);
    const kept = loaded && this.#scores.get(scoreKey(loaded, trace));
    if (loaded !== undefined && kept !== undefined) return { result: kept, model: loaded };
    return this.#inTurn(signal, () => this.#score(choice, trace, signal));
  }

  /** Ends the engine process; requests that wait reject with a CancelledError. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    const process = this.#process;
    this.#process = undefined;
    await process?.stop();
    this.#setState({ name: 'stopped' });
  }

  async #score(
    choice: ModelChoice,
    trace: ScoreParams,
    signal: AbortSignal | undefined,
  ): Promise<ModelScores> {
    const model = this.#loaded(choice) ?? (await this.#load(choice, signal));
    const key = scoreKey(model, trace);
    const kept = this.#scores.get(key);
    if (kept !== undefined) return { result: kept, model };
    // Dead since the load: a new process has no model yet.
    if (this.#process === undefined) return this.#score(choice, trace, signal);
    const { problem, steps } = trace;
    const result = await this.#process.request<ScoreResult>(ENGINE_SCORE, { problem, steps });
    this.#deaths = 0;
    this.#scores.set(key, result);
    return { result, model };
  }

  async #load(choice: ModelChoice, signal: AbortSignal | undefined): Promise<LoadedModel> {
    const modelFolder = path.resolve(choice.modelFolder);
    try {
      const process = await this.#started(signal);
      this.#setState({ name: 'loading', modelFolder });
      const model = await process.request<LoadedModel>(ENGINE_LOAD, { modelFolder, device: choice.device });
      this.#setState({ name: 'ready', model, choice });
      return model;
    } catch (error) {
      if (error instanceof CancelledError) this.#setState({ name: 'stopped' });
      else this.#setState({ name: 'failed', message: messageOf(error) });
      throw error;
    }
  }

  /** The model chosen, where it is the one that is loaded. */
  #loaded({ modelFolder, device, revision }: ModelChoice): LoadedModel | undefined {
    if (this.#state.name !== 'ready') return undefined;
    const { choice, model } = this.#state;
    const isSame =
      choice.modelFolder === modelFolder && choice.device === device && choice.revision === revision;
    return isSame ? model : undefined;
  }

  /** The engine process, started where none runs, not sooner than the back-off allows. */
  async #started(signal: AbortSignal | undefined): Promise<EngineProcess> {
    if (this.#process !== undefined) return this.#process;
    throwIfCancelled(this.#disposed.signal);
    this.#setState({ name: 'starting' });
    await this.#waitForBackOff(signal);
    const { engineFile, log, environment = process.env } = this.#options;
    this.#process = new EngineProcess({
      engineFile,
      environment,
      onOutput: log,
      onDeath: (death) => {
        this.#process = undefined;
        this.#deaths += 1;
        this.#lastDeath = performance.now();
        log(death.message);
        this.#setState({ name: 'failed', message: death.message });
      },
    });
    log(`The scoring engine started (process ${this.#process.pid ?? 'unknown'}).`);
    return this.#process;
  }

  async #waitForBackOff(signal: AbortSignal | undefined): Promise<void> {
    if (this.#deaths === 0) return;
    const backOff = Math.min(
      FIRST_BACK_OFF_MILLISECONDS * 2 ** (this.#deaths - 1),
      LONGEST_BACK_OFF_MILLISECONDS,
    );
    const left = this.#lastDeath + backOff - performance.now();
    if (left <= 0) return;
    const ended =
      signal === undefined ? this.#disposed.signal : AbortSignal.any([signal, this.#disposed.signal]);
    try {
      await wait(left, undefined, { signal: ended });
    } catch {
      // The only way in which this wait fails.
      throw new CancelledError();
    }
  }

  #inTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const cancelled =
      signal === undefined ? this.#disposed.signal : AbortSignal.any([signal, this.#disposed.signal]);
    const result = this.#turns.run(() => {
      throwIfCancelled(cancelled);
      return work();
    });
    return untilAborted(result, cancelled);
  }

  #setState(state: EngineState): void {
    if (this.#disposed.signal.aborted && state.name !== 'stopped') return;
    this.#state = state;
    this.#options.onStateChange?.(state);
  }
}

/** By content: weights, device and trace. */
function scoreKey({ weightsSha256, device }: LoadedModel, { problem, steps }: ScoreParams): string {
  return createHash('sha256')
    .update(JSON.stringify([weightsSha256, device, problem, steps]))
    .digest('base64');
}

/** The result, or a CancelledError as soon as the signal is aborted; the work itself then goes on unobserved. */
function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(new CancelledError());
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    result.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
