// The model that scores: loaded into the engine process when it is first needed, its state told to the editor.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { MODEL_STATUS, type ModelStatus } from '../../../protocol/src/requests.ts';
import {
  EngineClient,
  type EngineState,
  type ModelChoice,
  type ModelScores,
} from '../scoring/engineClient.ts';
import { CancelledError, PrmError } from '../support/errors.ts';
import { ActionableError, failureOf, requireTrust } from './failures.ts';
import { modelLabel } from './modelList.ts';
import type { Workplace } from './workplace.ts';

/** The description that a model folder holds; a run folder holds it in `best_model`. */
const DESCRIPTIONS = ['prm.json', path.join('best_model', 'prm.json'), path.join('final_model', 'prm.json')];

export class ModelHost {
  readonly #workplace: Workplace;
  readonly #engine: EngineClient;
  /** Requests that will tell of an engine's death themselves. */
  #waiting = 0;
  #sent = '';

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
    this.#engine = new EngineClient({
      engineFile: workplace.bundles.engine,
      log: (line) => workplace.log(`[engine] ${line}`),
      onStateChange: (state) => this.#engineChanged(state),
    });
  }

  /**
   * Scores a trace with the model that the settings name.
   * @throws ActionableError where none is selected, it cannot be loaded, or the engine stopped
   */
  async score(trace: { problem: string; steps: string[] }, signal: AbortSignal): Promise<ModelScores> {
    requireTrust(this.#workplace.trusted, 'Scoring');
    this.#waiting++;
    try {
      return await this.#engine.score(await this.#choice(), trace, signal);
    } catch (error) {
      throw withRemedy(error);
    } finally {
      this.#waiting--;
    }
  }

  /** Tells the editor how things stand, where that has changed. */
  tellStatus(): void {
    const status = this.#status();
    const text = JSON.stringify(status);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#workplace.notify(MODEL_STATUS, status);
  }

  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }

  async #choice(): Promise<ModelChoice> {
    const { device } = await this.#workplace.readSettings();
    const folder = this.#selected();
    if (folder === undefined) {
      throw new ActionableError({
        what: 'No model is selected',
        remedy: 'Select a process reward model first.',
        actions: ['selectModel'],
      });
    }
    return { modelFolder: folder, device, revision: await modificationTime(folder) };
  }

  #selected(): string | undefined {
    const setting = this.#workplace.settings['model.path'];
    return setting === '' ? undefined : this.#workplace.resolvePath(setting);
  }

  #engineChanged(state: EngineState): void {
    if (state.name === 'ready') {
      const { modelFolder, device, loadMilliseconds } = state.model;
      this.#workplace.log(
        `Loaded ${modelFolder} on ${device} in ${loadMilliseconds.toFixed(0)} ms ` +
          `(engine process ${this.#engine.pid ?? 0}).`,
      );
    }
    this.tellStatus();
    // While a request waits, its answer says the same.
    if (state.name === 'failed' && this.#waiting === 0) {
      this.#workplace.warn(state.message);
    }
  }

  #status(): ModelStatus {
    if (!this.#workplace.trusted) return { state: 'untrusted' };
    const folder = this.#selected();
    if (folder === undefined) return { state: 'none' };
    const selected = { model: modelLabel(folder), modelFolder: folder };
    const engine = this.#engine.state;
    switch (engine.name) {
      case 'starting':
      case 'loading':
        return { state: 'loading', ...selected };
      case 'failed':
        return { state: 'failed', ...selected, message: engine.message };
      case 'ready':
        if (engine.choice.modelFolder !== folder) return { state: 'idle', ...selected };
        return {
          state: 'ready',
          ...selected,
          device: engine.model.device,
          deviceNotes: engine.model.deviceNotes,
        };
      case 'stopped':
        return { state: 'idle', ...selected };
    }
  }
}

function withRemedy(error: unknown): unknown {
  if (error instanceof CancelledError || error instanceof ActionableError || !(error instanceof PrmError)) {
    return error;
  }
  return new ActionableError({ ...failureOf(error), actions: ['selectModel', 'showOutput'] });
}

/**
 * Of the model's description: another training run may have replaced the model. Milliseconds since 1970; 0 where there is no model, which loading will say better.
 */
async function modificationTime(folder: string): Promise<number> {
  for (const name of DESCRIPTIONS) {
    const found = await stat(path.join(folder, name)).catch(() => undefined);
    if (found !== undefined) return found.mtimeMs;
  }
  return 0;
}
