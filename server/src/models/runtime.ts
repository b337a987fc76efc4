// ONNX Runtime: loads it, makes sessions, moves tensors. The only file that imports onnxruntime-node.
import { availableParallelism } from 'node:os';
import type * as onnxruntime from 'onnxruntime-node';
import type { Device } from '../../../protocol/src/engine.ts';
import type { ElementArray } from '../graph/elementType.ts';
import type { ModelBytes } from '../graph/onnxModel.ts';
import { elementCount, formatShape, type Shape } from '../graph/shape.ts';
import { messageOf, PrmError } from '../support/errors.ts';
import { chooseDevice } from './devices/choose.ts';
import type { ChosenDevice, DeviceChoice } from './devices/device.ts';
import { plainReason } from './devices/reason.ts';
import { isOutOfMemory, memoryDetail, OutOfMemoryError } from './memoryError.ts';

/** A model: its bytes alone, or with the folder of the files that hold its weights. */
export type RunnableModel = ModelBytes | { bytes: ModelBytes; externalFolder: string | undefined };

export interface SessionOptions {
  device: Device;
  /** CPU threads, the calling one included; left out: one for each core. */
  threads?: number;
  /**
   * Keep the memory of the largest run for the next one instead of giving it back after each: up to a tenth faster,
   * since the system need not clear it again, but every session then holds its own.
   */
  keepMemory?: boolean;
  /** Outputs that stay in the device's memory; only where `keepsTensors(device)`. */
  keepOnDevice?: readonly string[];
}

/** Typed arrays by tensor name; their shapes are the model's. */
export type Tensors = Readonly<Record<string, ElementArray>>;

/** A tensor in a device's own memory: what one session computed and others read. */
export class DeviceTensor {
  constructor(
    /** For sessions only: `getData()` of a tensor on a graphics processor ends the process (onnxruntime-node 1.30). */
    readonly native: onnxruntime.Tensor,
  ) {}

  get shape(): Shape {
    return this.native.dims;
  }

  /** Gives its memory back; nothing else does, since the garbage collector does not see it. */
  dispose(): void {
    this.native.dispose();
  }
}

/** What a run reads: typed arrays, or tensors that lie on the session's device already. */
export type Feeds = Readonly<Record<string, ElementArray | DeviceTensor>>;

/** A model on a device, ready to run. */
export class Session {
  constructor(
    private readonly runtime: typeof onnxruntime,
    private readonly native: onnxruntime.InferenceSession,
    private readonly device: ChosenDevice,
    private readonly keepOnDevice: readonly string[],
  ) {}

  /**
   * Runs the model once. Blocks its thread until the run is over, so it belongs into a process of its own.
   * @param inputs every input of the model
   * @param outputs arrays that the results are written to; outputs not named here are dropped
   * @returns the outputs that stay on the device, by name; the caller disposes of them
   * @throws OutOfMemoryError, PrmError where the runtime fails otherwise
   */
  async run(inputs: Feeds, outputs: Tensors = {}): Promise<ReadonlyMap<string, DeviceTensor>> {
    const feeds = this.tensors(inputs, this.native.inputMetadata);
    const fetches: onnxruntime.InferenceSession.NullableOnnxValueMapType = {
      ...this.tensors(outputs, this.native.outputMetadata),
      ...Object.fromEntries(this.keepOnDevice.map((name) => [name, null])),
    };
    const results = await this.native.run(feeds, fetches).catch((error: unknown) => {
      throw runFailure(error, this.device);
    });
    for (const [name, array] of Object.entries(outputs)) {
      const data = results[name].data as ElementArray;
      if (data !== array) (array as Float32Array).set(data as Float32Array);
    }
    return new Map(this.keepOnDevice.map((name) => [name, new DeviceTensor(results[name])]));
  }

  /** Frees the native memory. */
  async release(): Promise<void> {
    await this.native.release();
  }

  private tensors(
    feeds: Feeds,
    metadata: readonly onnxruntime.InferenceSession.ValueMetadata[],
  ): Record<string, onnxruntime.Tensor> {
    const tensors: Record<string, onnxruntime.Tensor> = {};
    for (const value of metadata) {
      if (!(value.name in feeds) || !value.isTensor) continue;
      const fed = feeds[value.name];
      if (fed instanceof DeviceTensor) {
        tensors[value.name] = fed.native;
        continue;
      }
      const dims = value.shape as readonly number[];
      if (fed.length !== elementCount(dims)) {
        throw new Error(`${value.name}: ${fed.length} elements given for the shape ${formatShape(dims)}.`);
      }
      tensors[value.name] = new this.runtime.Tensor(value.type as 'float32', fed as Float32Array, dims);
    }
    return tensors;
  }
}

/**
 * Puts a model on a device.
 * @throws OutOfMemoryError; PrmError where the device cannot be used, or ONNX Runtime cannot be loaded
 */
export async function createSession(
  model: RunnableModel,
  options: SessionOptions,
): Promise<{ session: Session } & DeviceChoice> {
  const choice = await chooseDevice(options.device);
  try {
    return { session: await openSession(model, choice.device, options), ...choice };
  } catch (error) {
    if (error instanceof PrmError) throw error;
    if (isOutOfMemory(error)) {
      throw new OutOfMemoryError({
        what: `The memory does not suffice to put the model on ${choice.device} (${memoryDetail(error)})`,
        remedy: 'Close other programs, or use a smaller model.',
        cause: error,
      });
    }
    throw new PrmError({
      what: `The model cannot be put on ${choice.device} (${plainReason(messageOf(error))})`,
      remedy:
        choice.device === 'cpu'
          ? 'Check that the model folder is complete and enough memory is free.'
          : 'Use the device cpu; "prm devices" shows what works here.',
      cause: error,
    });
  }
}

/** The providers of this build of ONNX Runtime. */
export async function supportedProviders(): Promise<string[]> {
  const { listSupportedBackends } = await loadRuntime();
  return listSupportedBackends().map(({ name }) => name);
}

async function openSession(
  model: RunnableModel,
  device: ChosenDevice,
  { threads = availableParallelism(), keepMemory = false, keepOnDevice = [] }: SessionOptions,
): Promise<Session> {
  const runtime = await loadRuntime();
  const { bytes, externalFolder } =
    model instanceof Uint8Array ? { bytes: model, externalFolder: undefined } : model;
  const native = await runtime.InferenceSession.create(bytes, {
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
    ...(keepOnDevice.length === 0 ? {} : { preferredOutputLocation: outputLocations(keepOnDevice) }),
    extra: extraSettings(externalFolder, device),
  });
  return new Session(runtime, native, device, keepOnDevice);
}

function outputLocations(keepOnDevice: readonly string[]): Record<string, 'gpu-buffer'> {
  return Object.fromEntries(keepOnDevice.map((name) => [name, 'gpu-buffer' as const]));
}

/** Settings that the package's own options lack. @param externalFolder that weights in files are found from */
function extraSettings(
  externalFolder: string | undefined,
  device: ChosenDevice,
): Record<string, Record<string, string>> {
  // Equal nodes are not merged: what a graph computes twice, it does so that nothing need be kept between. Merged, the
  // widened weights of all layers would stay from the forward pass to the backward pass.
  const left = ['CommonSubexpressionElimination'];
  const session: Record<string, string> = {};
  if (externalFolder !== undefined) {
    session.model_external_initializers_file_folder_path = externalFolder;
    if (device === 'cpu') {
      // Rearranging weights for the products in advance would hold each of them a second time.
      session.disable_prepacking = '1';
      // On the CPU half-precision weights are widened in every run, or they would be held at twice their size. A
      // graphics processor gets them widened, once: its provider lacks bfloat16, so each run would move them again.
      left.push('ConstantFolding');
    }
  }
  return { session, optimization: { disable_specified_optimizers: left.join(';') } };
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

function runFailure(error: unknown, device: ChosenDevice): PrmError {
  if (!isOutOfMemory(error)) {
    return new PrmError({
      what: `The model failed while it ran on ${device} (${firstLine(error)})`,
      remedy: 'If memory ran out, use a smaller batch or shorter texts.',
      cause: error,
    });
  }
  return new OutOfMemoryError({
    what: `The memory of ${device} ran out while the model ran (${memoryDetail(error)})`,
    remedy: 'Use a smaller batch or shorter texts.',
    cause: error,
  });
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0];
}
