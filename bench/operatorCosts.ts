// What a training step spends on each kind of operator: ONNX Runtime's own profile of a training graph.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import type { GraphModel } from '../server/src/models/backbones/graphs.ts';
import { elementCount } from '../server/src/graph/shape.ts';

export interface OperatorCost {
  operator: string;
  /** Of one run. */
  milliseconds: number;
  nodes: number;
}

const ROUNDS = 3;

const eventSchema = z.object({
  name: z.string(),
  dur: z.number().default(0),
  args: z.object({ op_name: z.string().optional() }).default({}),
});

/** Runs the model on small random numbers; costs of the runs after the first, by operator, the dearest first. */
export async function operatorCosts({ bytes }: GraphModel, threads: number): Promise<OperatorCost[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'prm-bench-profile-'));
  try {
    const session = await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'basic',
      enableMemPattern: false,
      logSeverityLevel: 4,
      enableProfiling: true,
      profileFilePrefix: path.join(folder, 'profile'),
    });
    const feeds = Object.fromEntries(
      session.inputMetadata.map((input) => {
        if (!input.isTensor) throw new Error(`${input.name} is no tensor.`);
        const dims = input.shape as readonly number[];
        const numbers = Float32Array.from({ length: elementCount(dims) }, () => 0.04 * (Math.random() - 0.5));
        return [input.name, new Tensor('float32', numbers, dims)];
      }),
    );
    for (let round = 0; round < ROUNDS; round++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return summed(JSON.parse(await readFile(path.join(folder, file), 'utf8')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function summed(profile: unknown): OperatorCost[] {
  const costs = new Map<string, OperatorCost>();
  for (const { name, dur, args } of z.array(eventSchema).parse(profile)) {
    if (args.op_name === undefined || !name.endsWith('_kernel_time')) continue;
    const cost = costs.get(args.op_name) ?? { operator: args.op_name, milliseconds: 0, nodes: 0 };
    costs.set(args.op_name, cost);
    cost.milliseconds += dur / 1000 / ROUNDS;
    cost.nodes += 1 / ROUNDS;
  }
  return [...costs.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}
