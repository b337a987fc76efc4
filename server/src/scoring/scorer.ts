// Scores the steps of a trace with a PRM held in memory, all steps in one forward pass.
import { LRUCache } from 'lru-cache';
import type { Device, LoadedModel, ScoreResult } from '../../../protocol/src/engine.ts';
import { bucketLength, scoringGraph, TENSOR, type ScoredWeights } from '../models/backbones/graphs.ts';
import { parameterCount } from '../models/backbones/parameters.ts';
import { chooseDevice } from '../models/devices/choose.ts';
import { graphTarget, type ChosenDevice } from '../models/devices/device.ts';
import type { EncodedPath, Family, ReasoningPath } from '../models/families/family.ts';
import { familyOf } from '../models/families/index.ts';
import { findModelFolder, readModelFolder, type StoredPrmModel } from '../models/modelFolder.ts';
import { createSession, type Session } from '../models/runtime.ts';
import { PrmError } from '../support/errors.ts';
import { Turns } from '../support/turns.ts';
import { TraceTooLongError } from './traceTooLong.ts';

export interface ScorerOptions {
  device: Device;
  /** CPU threads; left out: as many as the machine has. */
  threads?: number;
}

/** Where every session of a scorer runs. */
interface Placement {
  device: ChosenDevice;
  threads?: number;
}

/** Each session holds the weights once more, as float32: those of the lengths last used are kept, as far as this allows. */
const SESSION_BYTES = 2 ** 31;
const MOST_SESSIONS = 4;

/** Length that a session is made for at loading: the bucket of the median GSM8K solution (148 tokens in family mini). */
const FIRST_LENGTH = 192;

/** Longer than any tokenizer's average token: a text beyond it is refused without being tokenised first. */
const MOST_CHARACTERS_PER_TOKEN = 16;

export class Scorer {
  /** What is loaded, for people and for caches. */
  readonly loaded: LoadedModel;
  readonly #model: StoredPrmModel;
  readonly #family: Family;
  readonly #placement: Placement;
  readonly #sessions: LRUCache<number, Session>;
  readonly #turns = new Turns();

  private constructor(model: StoredPrmModel, loaded: LoadedModel, placement: Placement) {
    this.#model = model;
    this.loaded = loaded;
    this.#family = familyOf(loaded.family);
    this.#placement = placement;
    const sessions = Math.floor(SESSION_BYTES / (4 * loaded.parameters));
    this.#sessions = new LRUCache({ max: Math.min(MOST_SESSIONS, Math.max(1, sessions)) });
  }

  /**
   * Reads a model folder, or the best model of a run folder, and puts the model on a device.
   * @throws PrmError where the folder is damaged or no device takes the model
   */
  static async load(folder: string, { device: wanted, threads }: ScorerOptions): Promise<Scorer> {
    const started = performance.now();
    const model = await readModelFolder(await findModelFolder(folder));
    const { device, notes } = await chooseDevice(wanted);
    const placement: Placement = threads === undefined ? { device } : { device, threads };
    const length = Math.min(FIRST_LENGTH, bucketLength(model.config.max_position_embeddings));
    const session = await openSession(model, length, placement);
    const scorer = new Scorer(
      model,
      {
        modelFolder: model.folder,
        name: model.description.name,
        family: model.description.family,
        parameters: parameterCount(model.config),
        device,
        deviceNotes: [...notes],
        threshold: model.description.threshold,
        maxTokens: model.config.max_position_embeddings,
        weightsSha256: model.weightsSha256,
        loadMilliseconds: performance.now() - started,
      },
      placement,
    );
    scorer.#sessions.set(length, session);
    return scorer;
  }

  /**
   * Scores every step of a path. Calls are answered one after the other.
   * @returns as many scores as steps, in order
   * @throws TraceTooLongError where the path is longer than the model can read
   */
  score(path: ReasoningPath): Promise<ScoreResult> {
    return this.#turns.run(async () => {
      const started = performance.now();
      const encoded = this.#encode(path);
      const scores = path.steps.length === 0 ? [] : await this.#scoresOf(encoded);
      return { scores, tokens: encoded.ids.length, milliseconds: performance.now() - started };
    });
  }

  /** Gives the sessions' memory back. */
  dispose(): Promise<void> {
    return this.#turns.run(async () => {
      const sessions = [...this.#sessions.values()];
      this.#sessions.clear();
      await Promise.all(sessions.map((session) => session.release()));
    });
  }

  #encode(path: ReasoningPath): EncodedPath {
    const limit = this.loaded.maxTokens;
    const characters = path.steps.reduce((sum, step) => sum + step.length, path.problem.length);
    if (characters > limit * MOST_CHARACTERS_PER_TOKEN) {
      throw tooLong(
        `The trace has ${characters} characters, far more than the model reads (${limit} tokens)`,
      );
    }
    const encoded = this.#family.encode(path, this.#model.tokenizer);
    if (encoded.ids.length > limit) {
      throw tooLong(`The trace has ${encoded.ids.length} tokens, but the model reads at most ${limit}`);
    }
    return encoded;
  }

  async #scoresOf({ ids, scorePositions }: EncodedPath): Promise<number[]> {
    const length = bucketLength(ids.length);
    const session = await this.#sessionFor(length);
    // Padded on the right with id 0: under causal attention no scored position sees it.
    const padded = new Int32Array(length);
    padded.set(ids);
    const logits = new Float32Array(2 * length);
    await session.run({ [TENSOR.ids]: padded }, { [TENSOR.logits]: logits });
    const [incorrectBias, correctBias] = this.#model.headBias ?? [0, 0];
    return Array.from(scorePositions, (position, step) => {
      const [incorrect, correct] = [logits[2 * position], logits[2 * position + 1]];
      const score = probabilityOfCorrect(incorrect, correct, correctBias - incorrectBias);
      if (Number.isNaN(score)) throw notANumber(this.#model.folder, step);
      return score;
    });
  }

  async #sessionFor(length: number): Promise<Session> {
    const kept = this.#sessions.get(length);
    if (kept !== undefined) return kept;
    // First out, then in: two of a large model need not fit at once.
    if (this.#sessions.size >= this.#sessions.max) await this.#sessions.pop()?.release();
    const session = await openSession(this.#model, length, this.#placement);
    this.#sessions.set(length, session);
    return session;
  }
}

async function openSession(model: StoredPrmModel, length: number, placement: Placement): Promise<Session> {
  const target = graphTarget(placement.device);
  const graph = scoringGraph(model.config, scoredWeights(model), { batch: 1, length }, { target });
  return (await createSession(graph, placement)).session;
}

/** An adapter stays beside the weights that it adapts: those are mapped from their files, not merged and copied. */
function scoredWeights(model: StoredPrmModel): ScoredWeights {
  if (model.kind === 'whole' || model.settings === undefined) return { weights: model.weights };
  return { weights: model.weights, lora: { settings: model.settings, tensors: model.tensors } };
}

/** Softmax over the two logits of a head, class 1. @param bias of the head, its correct class minus its incorrect one */
function probabilityOfCorrect(incorrect = NaN, correct = NaN, bias = 0): number {
  return 1 / (1 + Math.exp(incorrect - correct - bias));
}

function tooLong(what: string): PrmError {
  return new TraceTooLongError({ what, remedy: 'Score one solution at a time, or a shorter part of it.' });
}

function notANumber(folder: string, step: number): PrmError {
  return new PrmError({
    where: folder,
    what: `The model gave no number as score of step ${step + 1}: its weights are broken`,
    remedy: 'Use an earlier checkpoint, or train it again with a lower learning rate.',
  });
}
