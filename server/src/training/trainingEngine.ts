// Trains a decoder: one ONNX graph computes loss and gradients, TypeScript loops update the parameters.
import type { Device } from '../../../protocol/src/engine.ts';
import type { DecoderConfig } from '../models/backbones/config.ts';
import type { TokenBatch } from './tokenBatch.ts';

export type TrainingEngineOptions = {
  config: DecoderConfig;
  device: Device;
  /** CPU threads; left out: as many as the machine has. */
  threads?: number;
} & ({ seed: number } | { parameters: ReadonlyMap<string, Float32Array> });

export interface UpdateOptions {
  learningRate: number;
  /** Decoupled weight decay, per step: parameters that decay shrink by learningRate * weightDecay. */
  weightDecay: number;
  /** Gradients are scaled down so that their global norm is at most this. */
  maxGradientNorm: number;
}

export interface ForwardResult {
  /** Weighted mean cross-entropy over the scored positions, nats. */
  loss: number;
  /** [batch * length, 2], every position; class 1 = correct. Valid until the next call. */
  logits: Float32Array;
}

export interface StepResult extends ForwardResult {
  /** Global norm of the gradient before clipping. */
  gradientNorm: number;
}

/** What AdamW carries from step to step, beside the parameters. */
export interface OptimizerState {
  /** Updates made so far. */
  step: number;
  /** First moments, by parameter name. */
  first: ReadonlyMap<string, Float32Array>;
  /** Second moments, by parameter name. */
  second: ReadonlyMap<string, Float32Array>;
}

export interface TrainingEngine {
  /** The device taken, never `auto`. */
  readonly device: Exclude<Device, 'auto'>;
  /** Why other devices were not taken, one sentence each. */
  readonly deviceNotes: readonly string[];
  /** The live parameters, by Hugging Face name; updated in place by `trainStep`. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Loss and logits without an update. */
  forward(batch: TokenBatch): Promise<ForwardResult>;
  /**
   * One AdamW update on one batch.
   * @throws PrmError where loss or gradient is not finite; the parameters stay as they were.
   */
  trainStep(batch: TokenBatch, options: UpdateOptions): Promise<StepResult>;
  /** The live optimiser state (not a copy). With the parameters it makes an exact resume. */
  optimizerState(): OptimizerState;
  /** Takes over parameters and optimiser state, copied; names and sizes must be this model's. */
  loadState(state: { parameters: ReadonlyMap<string, Float32Array>; optimizer: OptimizerState }): void;
  /** Releases the native sessions. */
  dispose(): Promise<void>;
}
