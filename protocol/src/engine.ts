// What crosses the border between a client (language server or command line) and the scoring engine process.

/** Where a model runs. `auto` tries the others in order and says which it took. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type Device = (typeof DEVICES)[number];

/** How step scores become one score for the trace. */
export const AGGREGATES = ['min', 'product', 'last', 'mean'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** `engine/load`: read a model folder and put it on a device. */
export interface LoadParams {
  modelFolder: string;
  device: Device;
}

export interface LoadedModel {
  modelFolder: string;
  /** Name for people: the folder's run name or `_name_or_path`. */
  name: string;
  family: string;
  parameters: number;
  /** The device taken, never `auto`. */
  device: Exclude<Device, 'auto'>;
  /** Why other devices were not taken, one sentence each. */
  deviceNotes: string[];
  /** Score below which a step counts as incorrect. */
  threshold: number;
  /** Most tokens that one trace may have. */
  maxTokens: number;
  /** sha256 of the weights, hexadecimal: with the trace it identifies a score. */
  weightsSha256: string;
  loadMilliseconds: number;
}

/** `engine/score`: one trace, all its steps in one forward pass. */
export interface ScoreParams {
  problem: string;
  steps: string[];
}

export interface ScoreResult {
  /** Probability, 0 to 1, that each step is correct; as many as steps, in order. */
  scores: number[];
  /** Tokens in the model's input. */
  tokens: number;
  milliseconds: number;
}

/** The error as it travels: `PrmError`'s parts. */
export interface EngineErrorData {
  what: string;
  where?: string;
  remedy?: string;
  /** The trace is longer than the model reads; another one may be scored. */
  tooLong?: boolean;
}

/** JSON-RPC error code of an answer that carries EngineErrorData. */
export const ENGINE_ERROR_CODE = 1;

/** Notification of the engine, without parameters: it listens. */
export const ENGINE_STARTED = 'engine/started';
export const ENGINE_LOAD = 'engine/load';
export const ENGINE_SCORE = 'engine/score';
