// From formatted step examples to paths of token ids: what the batches are made of.
import { createHash } from 'node:crypto';
import { readTraces } from '../datasets/formattedTraces.ts';
import type { Trace } from '../datasets/trace.ts';
import type { Family, ReasoningPath } from '../models/families/family.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { PrmError, throwIfCancelled } from '../support/errors.ts';
import { seededRandom } from '../support/random.ts';

/** One reasoning path as model input; all its steps are scored in one pass. */
export interface TrainingPath {
  /** [tokens]; ends at the last labelled step, behind which there is nothing to learn from. */
  ids: Int32Array;
  /** Where each step's score is read, [steps]. */
  scorePositions: Int32Array;
  /** 1 = correct, 0 = incorrect, [steps]; counts only where the weight is above 0. */
  labels: Uint8Array;
  /** What is learned: the probability that the step is correct, [steps]; 0 or 1, or a soft label. */
  targets: Float32Array;
  /** Weight of each step in the loss, [steps]: above 0, or 0 where the step has no label. */
  weights: Float32Array;
  /** The path as people read it, where the set keeps it. */
  text?: ReasoningPath;
}

/** What a split holds, for the screen and the warnings. */
export interface PathCounts {
  paths: number;
  tokens: number;
  correct: number;
  incorrect: number;
  /** Labelled steps whose soft label is learned in place of the label. */
  soft: number;
  /** Steps that are part of the input but not of the loss. */
  unlabelled: number;
  /** Steps without text, left out: there is nothing to judge, and no text that is scored has one. */
  emptySteps: number;
  /** Paths longer than the limit, cut at a step border, and the labelled steps lost with it. */
  cutPaths: number;
  cutSteps: number;
  /** Paths without any labelled step within the limit, left out. */
  droppedPaths: number;
}

export interface PathSet {
  paths: TrainingPath[];
  counts: PathCounts;
}

export interface Encoder {
  family: Family;
  tokenizer: Tokenizer;
  /** Most tokens of one path. */
  maxLength: number;
  /** Entries of the model's embedding: token ids are below. */
  vocabularySize: number;
  /** Learn soft labels where steps have them. */
  softLabels?: boolean;
  /** Keep the text of each path beside its tokens. */
  keepText?: boolean;
}

export interface ReadPathsOptions extends Encoder {
  /** Take at most this many paths; left out: all. */
  maxPaths?: number | undefined;
  /** How to choose them: the first ones, or at random by this seed. */
  sampleSeed?: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((pathsDone: number) => void) | undefined;
}

/** Reading yields to timers and signals after this many paths. */
const PATHS_BETWEEN_YIELDS = 64;

/**
 * Reads a formatted file and writes every path as model input.
 * @throws PrmError where the file is missing or a line is no step example (file and line named)
 */
export async function readPaths(file: string, options: ReadPathsOptions): Promise<PathSet> {
  const set = emptyPathSet();
  let done = 0;
  for await (const trace of await chosenTraces(file, options)) {
    addPath(set, trace, options);
    if (++done % PATHS_BETWEEN_YIELDS === 0) {
      options.onProgress?.(done);
      await new Promise(setImmediate);
      throwIfCancelled(options.signal);
    }
  }
  options.onProgress?.(done);
  return set;
}

async function chosenTraces(
  file: string,
  { maxPaths, sampleSeed, signal }: ReadPathsOptions,
): Promise<Iterable<Trace> | AsyncIterable<Trace>> {
  const traces = readTraces(file, signal === undefined ? {} : { signal });
  if (maxPaths === undefined) return traces;
  if (sampleSeed === undefined) return first(traces, maxPaths);
  return reservoir(traces, maxPaths, sampleSeed);
}

async function* first(traces: AsyncIterable<Trace>, count: number): AsyncIterable<Trace> {
  let taken = 0;
  for await (const trace of traces) {
    yield trace;
    if (++taken === count) return;
  }
}

/** A uniform sample in one pass (Vitter's algorithm R, 1985). */
async function reservoir(traces: AsyncIterable<Trace>, count: number, seed: number): Promise<Trace[]> {
  const random = seededRandom(seed);
  const kept: Trace[] = [];
  let seen = 0;
  for await (const trace of traces) {
    const place = kept.length < count ? kept.length : random.int(0, seen);
    if (place < count) kept[place] = trace;
    seen++;
  }
  return kept;
}

/** Tokens of the longest path of all; sets have more paths than a call has room for arguments. */
export function longestOf(...sets: (readonly TrainingPath[])[]): number {
  let longest = 0;
  for (const paths of sets) for (const { ids } of paths) longest = Math.max(longest, ids.length);
  return longest;
}

/** A set without paths, to be filled by `addPath`. */
export function emptyPathSet(): PathSet {
  return {
    paths: [],
    counts: {
      paths: 0,
      tokens: 0,
      correct: 0,
      incorrect: 0,
      soft: 0,
      unlabelled: 0,
      emptySteps: 0,
      cutPaths: 0,
      cutSteps: 0,
      droppedPaths: 0,
    },
  };
}

/**
 * Writes one trace as model input and adds it to the set, cut or dropped where it must be.
 * @throws PrmError where the tokenizer gives a token that the model has no embedding for
 */
export function addPath(
  set: PathSet,
  { problem, steps: all }: Trace,
  { family, tokenizer, maxLength, vocabularySize, softLabels, keepText }: Encoder,
): void {
  const { counts } = set;
  const judged = all.filter(({ text }) => text.trim() !== '');
  counts.emptySteps += all.length - judged.length;
  const encoded = family.encode({ problem, steps: judged.map(({ text }) => text) }, tokenizer);
  const weights = judged.map(({ label }) => (label === 'correct' || label === 'incorrect' ? 1 : 0));
  const fitting = encoded.scorePositions.filter((position) => position < maxLength).length;
  const cut = weights.slice(fitting).filter((weight) => weight > 0).length;
  if (cut > 0) {
    counts.cutPaths++;
    counts.cutSteps += cut;
  }
  const steps = weights.slice(0, fitting).lastIndexOf(1) + 1;
  const lastPosition = encoded.scorePositions[steps - 1];
  if (lastPosition === undefined) {
    counts.droppedPaths++;
    return;
  }
  const kept = judged.slice(0, steps);
  const path: TrainingPath = {
    ids: encoded.ids.slice(0, lastPosition + 1),
    scorePositions: encoded.scorePositions.slice(0, steps),
    labels: Uint8Array.from(kept, ({ label }) => (label === 'correct' ? 1 : 0)),
    targets: Float32Array.from(kept, ({ label, soft }) => {
      return softLabels === true && soft !== undefined ? soft : label === 'correct' ? 1 : 0;
    }),
    weights: Float32Array.from(weights.slice(0, steps)),
    ...(keepText === true ? { text: { problem, steps: kept.map(({ text }) => text) } } : {}),
  };
  checkIds(path.ids, vocabularySize);
  set.paths.push(path);
  counts.paths++;
  counts.tokens += path.ids.length;
  for (const { label, soft } of kept) {
    if (label !== 'correct' && label !== 'incorrect') {
      counts.unlabelled++;
      continue;
    }
    counts[label]++;
    if (softLabels === true && soft !== undefined) counts.soft++;
  }
}

function checkIds(ids: Int32Array, vocabularySize: number): void {
  const unknown = ids.find((id) => id >= vocabularySize);
  if (unknown === undefined) return;
  throw new PrmError({
    what: `The tokenizer does not fit the model: it writes token ${unknown}, and the embedding has ${vocabularySize} entries`,
    remedy: 'Take tokenizer.json and the weights from the same model.',
  });
}

/** sha256 over everything that training reads of the paths: a resumed run must see the same. */
export function fingerprint(sets: readonly PathSet[]): string {
  const hash = createHash('sha256');
  for (const { paths } of sets) {
    hash.update(`${paths.length};`);
    for (const { ids, scorePositions, labels, targets, weights } of paths) {
      for (const part of [ids, scorePositions, labels, targets, weights]) {
        hash.update(`${part.length};`).update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      }
    }
  }
  return hash.digest('hex');
}
