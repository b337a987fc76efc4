// Trained tensors in the host's memory, updated by plain loops.
import { elementCount } from '../graph/shape.ts';
import { gradientName } from '../models/backbones/graphs.ts';
import type { ParameterSpec } from '../models/backbones/parameters.ts';
import type { Feeds, Tensors } from '../models/runtime.ts';
import { adamW, sumOfSquares, type AdamWTensor } from './adamw.ts';
import type { NamedTensors, StatePart, TensorStore, UpdateStep } from './tensorStore.ts';

interface HostTensor extends AdamWTensor {
  spec: ParameterSpec;
  /** Gradient of a further micro-batch, before it is added; made when first needed. */
  further: Float32Array | undefined;
}

export class HostStore implements TensorStore {
  readonly keepOnDevice: readonly string[] = [];
  protected readonly tensors: readonly HostTensor[];

  constructor(specs: readonly ParameterSpec[]) {
    this.tensors = specs.map((spec) => {
      const zeros = () => new Float32Array(elementCount(spec.dims));
      return {
        spec,
        decay: spec.decay,
        values: zeros(),
        gradient: zeros(),
        first: zeros(),
        second: zeros(),
        further: undefined,
      };
    });
  }

  start(values: NamedTensors): Promise<void> {
    return this.load('values', values);
  }

  feeds(): Feeds {
    return Object.fromEntries(this.tensors.map(({ spec, values }) => [spec.name, values]));
  }

  gradientTargets(first: boolean): Tensors {
    const target = (tensor: HostTensor) => {
      if (first) return tensor.gradient;
      tensor.further ??= new Float32Array(tensor.gradient.length);
      return tensor.further;
    };
    return Object.fromEntries(this.tensors.map((tensor) => [gradientName(tensor.spec.name), target(tensor)]));
  }

  collect(_kept: unknown, first: boolean): Promise<void> {
    if (!first) for (const { gradient, further } of this.tensors) if (further) addTo(gradient, further);
    return Promise.resolve();
  }

  sumOfSquares(): Promise<number> {
    return Promise.resolve(sumOfSquares(this.tensors.map(({ gradient }) => gradient)));
  }

  update(step: UpdateStep): Promise<void> {
    for (const tensor of this.tensors) adamW(tensor, step);
    return Promise.resolve();
  }

  read(part: StatePart): Promise<NamedTensors> {
    return Promise.resolve(new Map(this.tensors.map((tensor) => [tensor.spec.name, tensor[part]])));
  }

  load(part: StatePart, tensors: NamedTensors): Promise<void> {
    for (const tensor of this.tensors) {
      const source = tensors.get(tensor.spec.name);
      if (source) tensor[part].set(source);
    }
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

function addTo(sum: Float32Array, addend: Float32Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] += addend[index];
}
