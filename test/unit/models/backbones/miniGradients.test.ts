// The gradient of the whole `mini` model, at its full size, against finite differences in double precision. Each tensor is
// moved as a whole along a random direction, so that every element takes part.
import { describe, expect, it } from 'vitest';
import { gradientName, TENSOR, trainingGraph } from '../../../../server/src/models/backbones/graphs.ts';
import {
  EMBEDDING,
  initialParameters,
  parameterSpecs,
} from '../../../../server/src/models/backbones/parameters.ts';
import { MINI_CONFIG as config } from '../../../../server/src/models/families/mini.ts';
import { createSession } from '../../../../server/src/models/runtime.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';
import { normals } from '../../graph/runGraph.ts';
import { FULL } from './held.ts';

const shape = { batch: 2, length: 12 };
const rows = shape.batch * shape.length;
/** Length of a move along a direction of unit length. */
const STEP = 1e-4;

function inputsOf(seed: number): Record<string, Float64Array> {
  const random = seededRandom(seed);
  const parameters = [...initialParameters(config, seed)].filter(([name]) => name !== EMBEDDING);
  return {
    [TENSOR.embeddings]: normals(random, rows * config.hidden_size),
    [TENSOR.signs]: Float64Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 1 : -1)),
    [TENSOR.weights]: Float64Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 3 / rows : 0)),
    ...Object.fromEntries(parameters.map(([name, values]) => [name, Float64Array.from(values)])),
  };
}

function euclidean(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

describe('mini', () => {
  it('has the gradient of its finite differences in every tensor', { timeout: 120_000 }, async () => {
    const inputs = inputsOf(11);
    const model = trainingGraph(config, shape, { ...FULL, floatType: 'float64', target: 'portable' });
    const { session } = await createSession(model, { device: 'cpu' });
    const sources = Object.keys(inputs).filter((name) => name !== TENSOR.signs && name !== TENSOR.weights);
    expect(sources).toHaveLength(parameterSpecs(config).length);
    const slopes = Object.fromEntries(
      sources.map((name) => [gradientName(name), new Float64Array(inputs[name].length)]),
    );
    await session.run(inputs, slopes);

    const loss = new Float64Array(1);
    const random = seededRandom(12);
    for (const name of sources) {
      const start = inputs[name];
      const slope = slopes[gradientName(name)];
      const direction = normals(random, start.length);
      // Towards the gradient as well, so that the change stands well above rounding.
      const [norm, slopeNorm] = [euclidean(direction), euclidean(slope)];
      const unit = direction.map((part, index) => (part / norm + slope[index] / slopeNorm) / Math.SQRT2);
      const lossAt = async (distance: number): Promise<number> => {
        const moved = start.map((value, index) => value + distance * unit[index]);
        await session.run({ ...inputs, [name]: moved }, { loss });
        return loss[0];
      };
      const expected = ((await lossAt(STEP)) - (await lossAt(-STEP))) / (2 * STEP);
      const actual = slope.reduce((sum, part, index) => sum + part * unit[index], 0);
      expect(Math.abs(actual - expected) / Math.abs(expected), name).toBeLessThan(1e-6);
    }
    await session.release();
  });
});
