// Making training data and looking after the answers that were paid for, as the extension asks the language server for it.
import type { LayoutName } from './datasets.ts';
import type { RequestName, WithProgress } from './requests.ts';

/** `corrupt`, `sample`: `prm generate …`; `label`: `prm label`. */
export const GENERATION_METHODS = ['corrupt', 'sample', 'label'] as const;
export type GenerationMethod = (typeof GENERATION_METHODS)[number];

/** `prm label --by`. */
export const LABEL_METHOD_NAMES = ['outcome', 'arithmetic', 'rollouts', 'judge', 'consensus'] as const;
export type LabelMethodName = (typeof LABEL_METHOD_NAMES)[number];

/** Ways of labelling that ask a model, and so need a server and cost something. */
export const ASKING_LABEL_METHODS: readonly LabelMethodName[] = ['rollouts', 'judge', 'consensus'];

/** What `count` is where it is missing. */
export const DEFAULT_COUNTS = { corrupt: 3, sample: 4, rollouts: 8, votes: 1 } as const;

/** As the options of the commands; paths are absolute, or relative to the first workspace folder. */
export interface GenerateDataParams extends WithProgress {
  method: GenerationMethod;
  /** A dataset file, or the id of a Hub dataset. */
  dataset: string;
  outputDir: string;
  /** Recognised from the data where missing. */
  layout?: LayoutName;
  /** Corrupted paths of each solution, samples of each problem, roll-outs from a step, or votes of the judge alone. */
  count?: number;
  /** Paths to write, problems to take or solutions to label at most; all where missing. */
  limit?: number;
  seed?: number;
  /** Kinds of error, for `corrupt`; all where missing. */
  strategies?: string[];
  /** For `label`; needed there. */
  by?: LabelMethodName;
  /** Base address of an OpenAI-compatible API, and the model's name there; for `sample` and methods of `label` that ask a model. */
  server?: string;
  model?: string;
  /** Goes to the server as a bearer token; the environment's where missing. Never written down. */
  key?: string;
  /** Most tokens that the work may cost. */
  budgetTokens?: number;
  /** Ask again even where an answer is kept. */
  forceRegenerate?: boolean;
  overwrite?: boolean;
}

export interface GeneratedData {
  method: GenerationMethod;
  /** What was written, absolute. */
  file: string;
  rows: number;
  /** Sent to a server, and answers that the cache had; 0 where nobody is asked. */
  requests: number;
  cached: number;
  /** Read and written, as the server counts. */
  tokens: number;
  /** What going on may still bring, for people: requests that failed, a budget that was used up; empty where nothing is. */
  missing: string[];
  /** Rows and solutions that gave nothing, by reason, for people. */
  leftOut: string[];
  seconds: number;
}

/** Runs the command as a process of its own. Cancelled, it keeps in the cache what was paid for. */
export const GENERATE_DATA: RequestName<GenerateDataParams, GeneratedData> = { method: 'prm/generateData' };

/** Runs the command with `--dry-run`, for methods that ask a model. Nobody is asked. */
export const ESTIMATE_DATA: RequestName<GenerateDataParams, GenerationCost> = { method: 'prm/estimateData' };

export interface GenerationCost {
  /** To pay for, at most. */
  answers: number;
  /** Further ones, which the cache has. */
  cached: number;
  /** Written by the model for those to pay for, if each were as long as it may be. */
  completionTokens: number;
}

export interface ModelServerParams {
  /** Base address of an OpenAI-compatible API. */
  server: string;
  key?: string;
}

/** The models that a server offers (`GET /models`). Fails with the action `setKey` where it wants a key, or another one. */
export const LIST_SERVER_MODELS: RequestName<ModelServerParams, { models: string[] }> = {
  method: 'prm/listServerModels',
};

// ---- the cache of answers ----

export interface CachedModel {
  model: string;
  entries: number;
  /** Of the answers as they are stored. */
  bytes: number;
  /** When the newest was kept, ISO 8601. */
  newest: string;
}

export interface CacheContents {
  /** Absolute. */
  folder: string;
  /** The largest first. */
  models: CachedModel[];
}

/** Runs `prm cache list`. Nothing is changed, and nothing of the workspace is read: it needs no trust. */
export const LIST_CACHE: RequestName<Record<string, never>, CacheContents> = { method: 'prm/listCache' };

export interface CacheCheck {
  /** Whole entries, and their size. */
  entries: number;
  bytes: number;
  /** Damaged entries that were removed. */
  removed: number;
}

/** Runs `prm cache verify`: reads everything again and removes what is damaged. */
export const VERIFY_CACHE: RequestName<WithProgress, CacheCheck> = { method: 'prm/verifyCache' };

export interface ClearCacheParams extends WithProgress {
  /** Whose answers to remove; those of all models where missing. */
  model?: string;
}

export interface ClearedCache {
  /** Answers that were there. */
  removed: number;
}

/** Runs `prm cache clear`. */
export const CLEAR_CACHE: RequestName<ClearCacheParams, ClearedCache> = { method: 'prm/clearCache' };
