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
  type LoadParams,
  type ScoreParams,
  type ScoreResult,
} from '../../../protocol/src/engine.ts';
import { CancelledError, messageOf, PrmError, throwIfCancelled } from '../support/errors.ts';
import { Turns } from '../support/turns.ts';
import { EngineProcess } from './engineProcess.ts';

export type EngineState =
  | { name: 'stopped' }
  | { name: 'starting' }
  | { name: 'loading'; modelFolder: string }
  | { name: 'ready'; model: LoadedModel }
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
  #wanted: LoadParams | undefined;
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
   * Loads a model, in place of the one loaded before.
   * @param modelFolder a model folder, or a run folder with one in it
   * @throws PrmError where the folder is damaged, no device takes the model, or the engine stopped
   */
  load(modelFolder: string, device: Device, signal?: AbortSignal): Promise<LoadedModel> {
    return this.#inTurn(signal, async () => {
      this.#wanted = { modelFolder: path.resolve(modelFolder), device };
      return this.#load(this.#wanted, signal);
    });
  }

  /**
   * Scores a trace with the model loaded last; loads it again first where the engine has died meanwhile.
   * @param signal aborted: rejects at once with a CancelledError; a score not begun is then never computed
   * @throws PrmError where no model was loaded, the trace is too long, or the engine stopped
   */
  async score(trace: ScoreParams, signal?: AbortSignal): Promise<ScoreResult> {
    throwIfCancelled(signal);
    return this.#kept(trace) ?? this.#inTurn(signal, () => this.#score(trace, signal));
  }

  /** Ends the engine process; requests that wait reject with a CancelledError. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    const process = this.#process;
    this.#process = undefined;
    await process?.stop();
    this.#setState({ name: 'stopped' });
  }

  async #score(trace: ScoreParams, signal: AbortSignal | undefined): Promise<ScoreResult> {
    if (this.#wanted === undefined) {
      throw new PrmError({ what: 'No model is loaded', remedy: 'Select a model first.' });
    }
    if (this.#state.name !== 'ready') await this.#load(this.#wanted, signal);
    const kept = this.#kept(trace);
    if (kept !== undefined) return kept;
    const { problem, steps } = trace;
    const result = await (await this.#started(signal)).request<ScoreResult>(ENGINE_SCORE, { problem, steps });
    this.#deaths = 0;
    const key = this.#key(trace);
    if (key !== undefined) this.#scores.set(key, result);
    return result;
  }

  async #load(params: LoadParams, signal: AbortSignal | undefined): Promise<LoadedModel> {
    try {
      const process = await this.#started(signal);
      this.#setState({ name: 'loading', modelFolder: params.modelFolder });
      const model = await process.request<LoadedModel>(ENGINE_LOAD, params);
      this.#setState({ name: 'ready', model });
      return model;
    } catch (error) {
      if (error instanceof CancelledError) this.#setState({ name: 'stopped' });
      else this.#setState({ name: 'failed', message: messageOf(error) });
      throw error;
    }
  }

  /** The engine process, started where none runs, not sooner than the back-off allows. */
  async #started(signal: AbortSignal | undefined): Promise<EngineProcess> {
    if (this.#process !== undefined) return this.#process;
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

  #kept(trace: ScoreParams): ScoreResult | undefined {
    const key = this.#key(trace);
    return key === undefined ? undefined : this.#scores.get(key);
  }

  /** By content: weights, device and trace. Undefined where no model is loaded. */
  #key({ problem, steps }: ScoreParams): string | undefined {
    if (this.#state.name !== 'ready') return undefined;
    const { weightsSha256, device } = this.#state.model;
    return createHash('sha256')
      .update(JSON.stringify([weightsSha256, device, problem, steps]))
      .digest('base64');
  }

  #setState(state: EngineState): void {
    if (this.#disposed.signal.aborted && state.name !== 'stopped') return;
    this.#state = state;
    this.#options.onStateChange?.(state);
  }
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
