// Small graphs over tensors that lie on a device: to move them there and back, and to compute with them.
import { Graph, type Value } from '../graph/graph.ts';
import type { Shape } from '../graph/shape.ts';
import type { ChosenDevice } from './devices/device.ts';
import { graphTarget } from './devices/device.ts';
import { createSession, type DeviceTensor, type Feeds, type Session, type Tensors } from './runtime.ts';

/** A graph by its inputs' shapes. */
export interface DeviceGraph {
  /** Tells it from others; the shapes are added to it. */
  name: string;
  inputs: Readonly<Record<string, Shape>>;
  /** The outputs by name. Called once for all graphs of this name and these shapes. */
  build: (inputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>;
  /** Outputs that stay on the device. */
  keep?: readonly string[];
}

/** Compiles graphs when they are first run, and keeps them. */
export class DeviceGraphs {
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(private readonly device: ChosenDevice) {}

  /**
   * Runs a graph.
   * @param outputs arrays for the outputs that come to the host
   * @returns those that stay on the device; the caller disposes of them
   */
  async run(
    graph: DeviceGraph,
    feeds: Feeds,
    outputs: Tensors = {},
  ): Promise<ReadonlyMap<string, DeviceTensor>> {
    const key = JSON.stringify([graph.name, graph.inputs]);
    let session = this.sessions.get(key);
    if (session === undefined) {
      session = this.compile(graph);
      this.sessions.set(key, session);
    }
    return (await session).run(feeds, outputs);
  }

  /** Copies numbers to the device. */
  async upload(values: Float32Array, shape: Shape): Promise<DeviceTensor> {
    const graph: DeviceGraph = {
      name: 'upload',
      inputs: { x: shape },
      build: ({ x }) => ({ y: x }),
      keep: ['y'],
    };
    return kept(await this.run(graph, { x: values }), 'y');
  }

  /** Copies a tensor's numbers from the device. */
  async download(tensor: DeviceTensor, into: Float32Array): Promise<void> {
    const inputs = { x: tensor.shape };
    await this.run({ name: 'download', inputs, build: ({ x }) => ({ y: x }) }, { x: tensor }, { y: into });
  }

  async dispose(): Promise<void> {
    const sessions = [...this.sessions.values()];
    this.sessions.clear();
    // A graph that did not compile has said so where it was run, and holds nothing.
    for (const session of await Promise.allSettled(sessions)) {
      if (session.status === 'fulfilled') await session.value.release();
    }
  }

  private async compile({ inputs, build, keep = [] }: DeviceGraph): Promise<Session> {
    const graph = new Graph({ target: graphTarget(this.device) });
    const values = Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, shape)]),
    );
    for (const [name, value] of Object.entries(build(values))) graph.output(name, value);
    const { session } = await createSession(graph.toModel(), { device: this.device, keepOnDevice: keep });
    return session;
  }
}

/** A tensor that a run kept on the device. */
export function kept(tensors: ReadonlyMap<string, DeviceTensor>, name: string): DeviceTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new RangeError(`The run kept no tensor ${name}.`);
  return tensor;
}
