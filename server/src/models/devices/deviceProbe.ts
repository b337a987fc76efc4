// The process that tries one device: multiplies matrices on it, and sends what came out. A process of its own,
// since graphics libraries may end the process that loads them. Argument: the device.
import { performance } from 'node:perf_hooks';
import { Graph } from '../../graph/graph.ts';
import * as onnx from '../../graph/nodes.ts';
import { messageOf, PrmError } from '../../support/errors.ts';
import { createSession, supportedProviders } from '../runtime.ts';
import type { ChosenDevice } from './device.ts';
import type { ProbeAnswer } from './probeAnswer.ts';

/** Rows and columns of the matrices: larger ones show what a device can do, the first shows whether it works. */
const SIZES = [128, 256, 512, 1024];
const ROUNDS = 3;
/** Milliseconds; a device that takes longer for a product is not asked for a larger one. */
const LONG = 250;

/** The largest product that a device makes in short time. */
async function measure(device: ChosenDevice): Promise<{ milliseconds: number; size: number }> {
  let measured = { milliseconds: 0, size: 0 };
  for (const size of SIZES) {
    measured = { milliseconds: await multiply(device, size), size };
    if (measured.milliseconds > LONG) break;
  }
  return measured;
}

/** Milliseconds of a product, the best of some. */
async function multiply(device: ChosenDevice, size: number): Promise<number> {
  const graph = new Graph({ target: 'portable' });
  const shape = [size, size];
  graph.output('product', onnx.gemm(graph.input('left', shape), graph.input('right', shape)));
  const { session } = await createSession(graph.toModel(), { device });
  const left = new Float32Array(size ** 2).fill(1);
  // Small whole numbers are exact in half precision too, and so are their sums.
  const right = left.map((_, index) => (index % size) % 2);
  const product = new Float32Array(size ** 2);
  // The first run compiles shaders.
  await session.run({ left, right }, { product });
  let best = Infinity;
  for (let round = 0; round < ROUNDS && (round === 0 || best < LONG); round++) {
    const start = performance.now();
    await session.run({ left, right }, { product });
    best = Math.min(best, performance.now() - start);
  }
  await session.release();
  if (product.some((value, index) => value !== size * right[index % size])) {
    throw new Error('A matrix product came out wrong');
  }
  return best;
}

async function answer(device: ChosenDevice): Promise<ProbeAnswer> {
  try {
    if (!(await supportedProviders()).includes(device)) {
      return { failure: `Not in ONNX Runtime for ${process.platform} ${process.arch}` };
    }
    return await measure(device);
  } catch (error) {
    // The runtime's own words say more than ours around them.
    return { failure: messageOf(error instanceof PrmError ? (error.cause ?? error) : error) };
  }
}

void answer(process.argv[2] as ChosenDevice).then((sent) => {
  process.send?.(sent, () => {
    // Not by itself: graphics libraries keep threads that would hold the process.
    process.exit(0);
  });
});
