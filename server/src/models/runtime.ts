// ONNX Runtime: loads it, chooses a device, makes sessions. The only file that imports onnxruntime-node.
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type * as onnxruntime from 'onnxruntime-node';
import type { Device } from '../../../protocol/src/engine.ts';
import type { ElementArray } from '../graph/elementType.ts';
import { Graph } from '../graph/graph.ts';
import * as onnx from '../graph/nodes.ts';
import type { ModelBytes } from '../graph/onnxModel.ts';
import { elementCount, formatShape } from '../graph/shape.ts';
import { messageOf, PrmError } from '../support/errors.ts';

/** A device that was taken, never `auto`. */
export type ChosenDevice = Exclude<Device, 'auto'>;

export interface DeviceChoice {
  device: ChosenDevice;
  /** Why other devices were not taken, one sentence each. */
  notes: string[];
}

export interface SessionOptions {
  device: Device;
  /** CPU threads, the calling one included; left out: one for each core. */
  threads?: number;
  /**
   * Keep the memory of the largest run for the next one instead of giving it back after each: up to a tenth faster,
   * since the system need not clear it again, but every session then holds its own.
   */
  keepMemory?: boolean;
}

/** Typed arrays by tensor name; their shapes are the model's. */
export type Tensors = Readonly<Record<string, ElementArray>>;

/** A model on a device, ready to run. */
export class Session {
  constructor(
    private readonly runtime: typeof onnxruntime,
    private readonly native: onnxruntime.InferenceSession,
    private readonly device: ChosenDevice,
  ) {}

  /**
   * Runs the model once. Blocks its thread until the run is over, so it belongs into a process of its own.
   * @param inputs every input of the model
   * @param outputs arrays that the results are written to; outputs not named here are dropped
   * @throws PrmError where the runtime fails, most likely for want of memory
   */
  async run(inputs: Tensors, outputs: Tensors): Promise<void> {
    const feeds = this.tensors(inputs, this.native.inputMetadata);
    const fetches = this.tensors(outputs, this.native.outputMetadata);
    const results = await this.native.run(feeds, fetches).catch((error: unknown) => {
      throw new PrmError({
        what: `The model failed while it ran on ${this.device} (${firstLine(error)})`,
        remedy: 'If memory ran out, use a smaller batch or shorter texts.',
        cause: error,
      });
    });
    for (const [name, array] of Object.entries(outputs)) {
      const data = results[name].data as ElementArray;
      if (data !== array) (array as Float32Array).set(data as Float32Array);
    }
  }

  /** Frees the native memory. */
  async release(): Promise<void> {
    await this.native.release();
  }

  private tensors(
    arrays: Tensors,
    metadata: readonly onnxruntime.InferenceSession.ValueMetadata[],
  ): Record<string, onnxruntime.Tensor> {
    const tensors: Record<string, onnxruntime.Tensor> = {};
    for (const value of metadata) {
      const array = arrays[value.name];
      if (!(value.name in arrays) || !value.isTensor) continue;
      const dims = value.shape as readonly number[];
      if (array.length !== elementCount(dims)) {
        throw new Error(`${value.name}: ${array.length} elements given for the shape ${formatShape(dims)}.`);
      }
      tensors[value.name] = new this.runtime.Tensor(value.type as 'float32', array as Float32Array, dims);
    }
    return tensors;
  }
}

/**
 * Puts a model on a device.
 * @throws PrmError where the device cannot be used, or ONNX Runtime cannot be loaded
 */
export async function createSession(
  model: ModelBytes,
  options: SessionOptions,
): Promise<{ session: Session } & DeviceChoice> {
  const choice = await chooseDevice(options.device);
  try {
    return { session: await openSession(model, choice.device, options), ...choice };
  } catch (error) {
    if (error instanceof PrmError) throw error;
    throw new PrmError({
      what: `The model cannot be put on ${choice.device} (${firstLine(error)})`,
      remedy:
        choice.device === 'cpu'
          ? 'Check that the model folder is complete and enough memory is free.'
          : 'Use the device cpu.',
      cause: error,
    });
  }
}

/** Which kernels a graph for a device may count on. */
export function graphTarget(device: ChosenDevice): 'cpu' | 'portable' {
  return device === 'cpu' ? 'cpu' : 'portable';
}

/** Devices that `auto` tries before the CPU. coreml is left to an explicit wish: it computes in half precision. */
const ACCELERATORS: readonly ChosenDevice[] =
  process.platform === 'win32'
    ? ['cuda', 'dml', 'webgpu']
    : process.platform === 'darwin'
      ? ['webgpu']
      : ['cuda', 'webgpu'];

let automaticChoice: Promise<DeviceChoice> | undefined;

/**
 * Decides where to run. `auto` takes the first accelerator that multiplies matrices right and faster than the CPU,
 * and the CPU where none does; the check takes some tenths of a second, once in a process.
 */
export function chooseDevice(device: Device): Promise<DeviceChoice> {
  if (device !== 'auto') return Promise.resolve({ device, notes: [] });
  automaticChoice ??= tryAccelerators();
  return automaticChoice;
}

async function tryAccelerators(): Promise<DeviceChoice> {
  if (!(await graphicsProcessorVisible())) {
    return { device: 'cpu', notes: ['No graphics processor is visible to this process.'] };
  }
  const supported = await supportedProviders();
  const notes: string[] = [];
  let cpuMilliseconds: number | undefined;
  for (const device of ACCELERATORS) {
    if (!supported.includes(device)) {
      notes.push(`${device}: not in this build of ONNX Runtime.`);
      continue;
    }
    try {
      const milliseconds = await probe(device);
      cpuMilliseconds ??= await probe('cpu');
      if (milliseconds < cpuMilliseconds) return { device, notes };
      notes.push(
        `${device}: slower than the CPU (${milliseconds.toFixed(1)} ms against ${cpuMilliseconds.toFixed(1)} ms for a matrix product).`,
      );
    } catch (error) {
      notes.push(`${device}: ${firstLine(error)}`);
    }
  }
  return { device: 'cpu', notes };
}

/**
 * Whether it is worth loading graphics libraries, which write to standard error where they find nothing. Linux shows
 * every processor as a device file (dxg under WSL); elsewhere one is always there.
 */
async function graphicsProcessorVisible(): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const devices = await readdir('/dev');
  return devices.some((name) => name === 'dri' || name === 'dxg' || name.startsWith('nvidia'));
}

/** Milliseconds of a matrix product on a device, the best of three. */
async function probe(device: ChosenDevice): Promise<number> {
  const size = 1024;
  const graph = new Graph({ target: 'portable' });
  const operands = [graph.input('left', [size, size]), graph.input('right', [size, size])];
  graph.output('product', onnx.gemm(operands[0], operands[1]));
  const session = await openSession(graph.toModel(), device);
  try {
    const ones = new Float32Array(size * size).fill(1);
    const product = new Float32Array(size * size);
    let best = Infinity;
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      await session.run({ left: ones, right: ones }, { product });
      best = Math.min(best, performance.now() - start);
    }
    if (product.some((value) => value !== size)) throw new Error('a matrix product came out wrong.');
    return best;
  } finally {
    await session.release();
  }
}

async function openSession(
  model: ModelBytes,
  device: ChosenDevice,
  { threads = availableParallelism(), keepMemory = false }: Omit<SessionOptions, 'device'> = {},
): Promise<Session> {
  const runtime = await loadRuntime();
  const native = await runtime.InferenceSession.create(model, {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Graphs are written the way they shall run; the higher levels cost start-up time and gain nothing here.
    graphOptimizationLevel: 'basic',
    // Planning memory by pattern holds a whole run's memory at once; without it dead tensors are reused.
    enableMemPattern: false,
    enableCpuMemArena: keepMemory,
    // Fatal only: what the native library finds wrong is thrown as well, and standard error belongs to the person.
    logSeverityLevel: 4,
  });
  return new Session(runtime, native, device);
}

async function supportedProviders(): Promise<string[]> {
  const { listSupportedBackends } = await loadRuntime();
  return listSupportedBackends().map(({ name }) => name);
}

/** Loaded on first use, so that importing this file costs nothing and a missing library is one readable error. */
async function loadRuntime(): Promise<typeof onnxruntime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new PrmError({
      what: `ONNX Runtime cannot be loaded on ${process.platform} ${process.arch} (${firstLine(error)})`,
      remedy:
        'It runs on Windows and Linux (x64, arm64) and on macOS (arm64); on Linux it needs glibc 2.28 or newer, so not Alpine. Install again with "npm ci".',
      cause: error,
    });
  }
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0];
}
