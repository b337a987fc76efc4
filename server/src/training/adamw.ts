// AdamW: Adam with decoupled weight decay (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2).
import type { UpdateStep } from './tensorStore.ts';

/** One parameter tensor with all that its update reads and writes; the arrays are equally long. */
export interface AdamWTensor {
  values: Float32Array;
  gradient: Float32Array;
  /** Running mean of the gradient. */
  first: Float32Array;
  /** Running mean of the squared gradient. */
  second: Float32Array;
  /** Whether weight decay applies. */
  decay: boolean;
}

/**
 * Decay rates of the running means, and the term that keeps the quotient finite: the values of the Adam paper, but
 * for β₂, which is that of GPT-3 (Brown et al., 2020, appendix B). With 0.999 the second moment of a short run forgets
 * too slowly: once the loss is near 0, one odd batch makes updates of three times the learning rate, and the loss jumps.
 */
export const BETA1 = 0.9;
export const BETA2 = 0.95;
export const EPSILON = 1e-8;

/**
 * Updates a tensor in place: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
 * θ ← θ − η (m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε) + λ θ).
 * Moments are kept in single precision; the arithmetic in between is double.
 */
export function adamW({ values, gradient, first, second, decay }: AdamWTensor, update: UpdateStep): void {
  const { gradientScale } = update;
  const { keep, rate, secondCorrection } = adamWFactors(update, decay);
  for (let index = 0; index < values.length; index++) {
    const g = gradient[index] * gradientScale;
    const m = BETA1 * first[index] + (1 - BETA1) * g;
    const v = BETA2 * second[index] + (1 - BETA2) * g * g;
    first[index] = m;
    second[index] = v;
    values[index] = keep * values[index] - (rate * m) / (Math.sqrt(v * secondCorrection) + EPSILON);
  }
}

/** What is the same for all numbers of a tensor in one update: 1 − η λ, η / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ). */
export function adamWFactors({ step, learningRate, weightDecay }: UpdateStep, decay: boolean) {
  return {
    keep: 1 - (decay ? learningRate * weightDecay : 0),
    rate: learningRate / (1 - BETA1 ** step),
    secondCorrection: 1 / (1 - BETA2 ** step),
  };
}

/** Sum of the squares of all gradients together. NaN or Infinity where any of them is not finite. */
export function sumOfSquares(gradients: Iterable<Float32Array>): number {
  let sum = 0;
  for (const gradient of gradients) {
    for (let index = 0; index < gradient.length; index++) sum += gradient[index] * gradient[index];
  }
  return sum;
}

/** Factor that brings a gradient of the given norm to at most `maximum` (Pascanu et al. 2013). */
export function clippingScale(norm: number, maximum: number): number {
  return norm > maximum ? maximum / norm : 1;
}
