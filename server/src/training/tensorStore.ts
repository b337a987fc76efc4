// Where trained tensors lie, with their gradients and moments: what the training engine asks of the host's memory or of
// a device's.
import type { ParameterSpec } from '../models/backbones/parameters.ts';
import type { DeviceTensor, Feeds, Tensors } from '../models/runtime.ts';
import { elementCount } from '../graph/shape.ts';
import { PrmError } from '../support/errors.ts';

/** How one update moves every tensor of a store. */
export interface UpdateStep {
  /** Number of this update, from 1. */
  step: number;
  learningRate: number;
  /** Decaying values shrink by learningRate · weightDecay. */
  weightDecay: number;
  /** Factor on every gradient: what clipping leaves of it. */
  gradientScale: number;
}

/** The parts of a tensor that outlive a step. */
export const STATE_PARTS = ['values', 'first', 'second'] as const;
export type StatePart = (typeof STATE_PARTS)[number];

export type NamedTensors = ReadonlyMap<string, Float32Array>;

export interface TensorStore {
  /** Outputs of a training graph that must stay on the device: the gradients' names, or none. */
  readonly keepOnDevice: readonly string[];
  /** Puts the first values in place; moments are zero. */
  start(values: NamedTensors): Promise<void>;
  /** The values, as a run of a training or evaluation graph reads them. */
  feeds(): Feeds;
  /**
   * Where a run writes the gradients that come to the host.
   * @param first whether it is the first micro-batch of a step; those of further ones are added
   */
  gradientTargets(first: boolean): Tensors;
  /** Takes over the gradients of a run: those on the device, which are its own from here on, and those in the targets. */
  collect(kept: ReadonlyMap<string, DeviceTensor>, first: boolean): Promise<void>;
  /** Σ g² over all gradients of this step; not finite where one of them is not. */
  sumOfSquares(): Promise<number>;
  /** Moves values and moments. */
  update(step: UpdateStep): Promise<void>;
  /** One part of every tensor, by name. Of the host: the live arrays. Of a device: copies. */
  read(part: StatePart): Promise<NamedTensors>;
  /** Takes over one part of every tensor, copied; sizes were checked. */
  load(part: StatePart, tensors: NamedTensors): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * A tensor of a state, checked against the model.
 * @throws PrmError where it is missing or of another size
 */
export function tensorOf(tensors: NamedTensors, { name, dims }: ParameterSpec): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.length === elementCount(dims)) return tensor;
  throw new PrmError({
    what: tensor
      ? `The tensor ${name} has ${tensor.length} elements instead of ${elementCount(dims)}`
      : `The tensor ${name} is missing`,
    remedy: 'The tensors and config.json must come from the same model.',
  });
}
