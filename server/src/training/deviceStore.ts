// Trained tensors in a device's memory: values, moments and gradients stay there between steps, and small graphs
// compute norm, accumulation and update. Only loss, logits and one number for the norm come back.
import { elementCount, type Shape } from '../graph/shape.ts';
import { gradientName } from '../models/backbones/graphs.ts';
import type { ParameterSpec } from '../models/backbones/parameters.ts';
import { DeviceGraphs, kept } from '../models/deviceGraphs.ts';
import type { ChosenDevice } from '../models/devices/device.ts';
import type { DeviceTensor, Feeds } from '../models/runtime.ts';
import { adamWFactors } from './adamw.ts';
import type { ADAMW_SCALARS } from './deviceUpdate.ts';
import { adamWGraph, squaresGraph, sumGraph } from './deviceUpdate.ts';
import {
  STATE_PARTS,
  type NamedTensors,
  type StatePart,
  type TensorStore,
  type UpdateStep,
} from './tensorStore.ts';

const SCALAR: Shape = [1];

type Parts = Record<StatePart, DeviceTensor>;

export class DeviceStore implements TensorStore {
  readonly keepOnDevice: readonly string[];
  private readonly graphs: DeviceGraphs;
  /** By name; the parts are missing before `start`. */
  private readonly tensors = new Map<string, Partial<Parts>>();
  private readonly gradients = new Map<string, DeviceTensor>();

  constructor(
    private readonly specs: readonly ParameterSpec[],
    device: ChosenDevice,
  ) {
    this.graphs = new DeviceGraphs(device);
    this.keepOnDevice = specs.map(({ name }) => gradientName(name));
    for (const { name } of specs) this.tensors.set(name, {});
  }

  async start(values: NamedTensors): Promise<void> {
    await this.load('values', values);
    for (const { name, dims } of this.specs) {
      const zeros = new Float32Array(elementCount(dims));
      for (const part of ['first', 'second'] as const) {
        this.replace(name, part, await this.graphs.upload(zeros, dims));
      }
    }
  }

  feeds(): Feeds {
    return Object.fromEntries(this.specs.map(({ name }) => [name, this.part(name, 'values')]));
  }

  gradientTargets(): Record<string, never> {
    return {};
  }

  async collect(run: ReadonlyMap<string, DeviceTensor>, first: boolean): Promise<void> {
    if (first) this.dropGradients();
    for (const { name, dims } of this.specs) {
      const gradient = kept(run, gradientName(name));
      const before = this.gradients.get(name);
      if (before === undefined) {
        this.gradients.set(name, gradient);
        continue;
      }
      const sum = kept(await this.graphs.run(sumGraph(dims), { left: before, right: gradient }), 'sum');
      this.gradients.set(name, sum);
      before.dispose();
      gradient.dispose();
    }
  }

  async sumOfSquares(): Promise<number> {
    const gradients = this.specs.map(({ name }) => this.gradient(name));
    const squares = new Float32Array(1);
    const feeds = Object.fromEntries(gradients.map((gradient, index) => [String(index), gradient]));
    await this.graphs.run(squaresGraph(this.specs.map(({ dims }) => dims)), feeds, { squares });
    return squares[0];
  }

  async update(step: UpdateStep): Promise<void> {
    // Put there once a step, not once a tensor.
    const scalars = {
      gradientScale: await this.scalar(step.gradientScale),
      rate: await this.scalar(adamWFactors(step, true).rate),
      secondCorrection: await this.scalar(adamWFactors(step, true).secondCorrection),
    };
    const keep = [
      await this.scalar(adamWFactors(step, false).keep),
      await this.scalar(adamWFactors(step, true).keep),
    ];
    for (const { name, dims, decay } of this.specs) {
      const feeds: Record<(typeof ADAMW_SCALARS)[number] | StatePart | 'gradient', DeviceTensor> = {
        ...scalars,
        keep: keep[Number(decay)],
        values: this.part(name, 'values'),
        first: this.part(name, 'first'),
        second: this.part(name, 'second'),
        gradient: this.gradient(name),
      };
      const moved = await this.graphs.run(adamWGraph(dims), feeds);
      for (const part of STATE_PARTS) this.replace(name, part, kept(moved, `new ${part}`));
    }
    for (const tensor of [...Object.values(scalars), ...keep]) tensor.dispose();
    this.dropGradients();
  }

  async read(part: StatePart): Promise<NamedTensors> {
    const read = new Map<string, Float32Array>();
    for (const { name, dims } of this.specs) {
      const values = new Float32Array(elementCount(dims));
      await this.graphs.download(this.part(name, part), values);
      read.set(name, values);
    }
    return read;
  }

  async load(part: StatePart, tensors: NamedTensors): Promise<void> {
    for (const { name, dims } of this.specs) {
      const values = tensors.get(name);
      if (values) this.replace(name, part, await this.graphs.upload(values, dims));
    }
  }

  async dispose(): Promise<void> {
    this.dropGradients();
    for (const parts of this.tensors.values()) for (const tensor of Object.values(parts)) tensor.dispose();
    this.tensors.clear();
    await this.graphs.dispose();
  }

  private scalar(value: number): Promise<DeviceTensor> {
    return this.graphs.upload(Float32Array.of(value), SCALAR);
  }

  private part(name: string, part: StatePart): DeviceTensor {
    const tensor = this.tensors.get(name)?.[part];
    if (tensor === undefined) throw new RangeError(`The ${part} of ${name} were not loaded.`);
    return tensor;
  }

  private gradient(name: string): DeviceTensor {
    const gradient = this.gradients.get(name);
    if (gradient === undefined) throw new RangeError(`There is no gradient of ${name}.`);
    return gradient;
  }

  private replace(name: string, part: StatePart, tensor: DeviceTensor): void {
    const parts = this.tensors.get(name);
    parts?.[part]?.dispose();
    if (parts) parts[part] = tensor;
  }

  private dropGradients(): void {
    for (const gradient of this.gradients.values()) gradient.dispose();
    this.gradients.clear();
  }
}
