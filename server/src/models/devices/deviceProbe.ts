// The process that tries one device: multiplies two matrices on it, and sends what came out. A process of its own,
// since graphics libraries may end the process that loads them. Argument: the device.
import { performance } from 'node:perf_hooks';
import { Graph } from '../../graph/graph.ts';
import * as onnx from '../../graph/nodes.ts';
import { messageOf, PrmError } from '../../support/errors.ts';
import { createSession, supportedProviders } from '../runtime.ts';
import type { ChosenDevice } from './device.ts';
import { PROBE_SIZE, type ProbeAnswer } from './probeAnswer.ts';

const ROUNDS = 3;

/** Milliseconds of the product, the best of some. */
async function multiply(device: ChosenDevice): Promise<number> {
  const graph = new Graph({ target: 'portable' });
  const shape = [PROBE_SIZE, PROBE_SIZE];
  graph.output('product', onnx.gemm(graph.input('left', shape), graph.input('right', shape)));
  const { session } = await createSession(graph.toModel(), { device });
  const left = new Float32Array(PROBE_SIZE ** 2).fill(1);
  // Whole numbers of few bits are exact in half precision too, and so are their sums.
  const right = left.map((_, index) => (index % PROBE_SIZE) % 2);
  const product = new Float32Array(PROBE_SIZE ** 2);
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await session.run({ left, right }, { product });
    best = Math.min(best, performance.now() - start);
  }
  if (product.some((value, index) => value !== PROBE_SIZE * right[index % PROBE_SIZE])) {
    throw new Error('a matrix product came out wrong');
  }
  return best;
}

async function answer(device: ChosenDevice): Promise<ProbeAnswer> {
  try {
    if (!(await supportedProviders()).includes(device)) {
      return { failure: `Not in ONNX Runtime for ${process.platform} ${process.arch}` };
    }
    return { milliseconds: await multiply(device) };
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
