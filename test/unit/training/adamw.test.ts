// AdamW against its algorithm written down in double precision, and clipping.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../server/src/support/random.ts';
import { adamW, clippingScale, sumOfSquares } from '../../../server/src/training/adamw.ts';

/** One number through the steps of Loshchilov and Hutter's algorithm 2, with a constant rate. */
function reference(start: number, gradients: readonly number[], rate: number, decay: number): number {
  let [value, m, v] = [start, 0, 0];
  for (const [index, g] of gradients.entries()) {
    const t = index + 1;
    m = 0.9 * m + 0.1 * g;
    v = 0.95 * v + 0.05 * g ** 2;
    const [mHat, vHat] = [m / (1 - 0.9 ** t), v / (1 - 0.95 ** t)];
    value -= rate * (mHat / (Math.sqrt(vHat) + 1e-8) + decay * value);
  }
  return value;
}

function tensor(values: readonly number[], decay: boolean) {
  const zeros = () => new Float32Array(values.length);
  return { values: Float32Array.from(values), gradient: zeros(), first: zeros(), second: zeros(), decay };
}

describe('adamW', () => {
  it.each([
    [true, 0.1],
    [false, 0],
  ])('follows its algorithm (decay: %j)', (decay, expectedDecay) => {
    const random = seededRandom(3);
    const start = Array.from({ length: 20 }, () => random.normal());
    const gradients = Array.from({ length: 30 }, () => start.map(() => random.normal()));
    const trained = tensor(start, decay);
    for (const [index, gradient] of gradients.entries()) {
      trained.gradient.set(gradient);
      adamW(trained, { step: index + 1, learningRate: 0.01, weightDecay: 0.1, gradientScale: 1 });
    }
    for (const [index, value] of start.entries()) {
      const expected = reference(
        value,
        gradients.map((gradient) => gradient[index]),
        0.01,
        expectedDecay,
      );
      expect(trained.values[index]).toBeCloseTo(expected, 5);
    }
  });

  it('scales the gradient before the moments see it', () => {
    const [scaled, plain] = [tensor([1], false), tensor([1], false)];
    scaled.gradient[0] = 8;
    plain.gradient[0] = 2;
    const update = { step: 1, learningRate: 0.1, weightDecay: 0, gradientScale: 1 };
    adamW(scaled, { ...update, gradientScale: 0.25 });
    adamW(plain, update);
    expect(scaled.first).toEqual(plain.first);
    expect(scaled.second).toEqual(plain.second);
  });
});

describe('sumOfSquares and clippingScale', () => {
  it('take all gradients together', () => {
    const norm = Math.sqrt(sumOfSquares([Float32Array.of(3, 0), Float32Array.of(0, 4)]));
    expect(norm).toBe(5);
    expect(clippingScale(norm, 1)).toBe(0.2);
    expect(clippingScale(norm, 5)).toBe(1);
  });

  it('show a number that is not finite', () => {
    expect(sumOfSquares([Float32Array.of(1, Number.NaN)])).toBeNaN();
    expect(sumOfSquares([Float32Array.of(1, -Infinity)])).toBe(Infinity);
  });
});
