// Learning rate over a run: linear warm-up, then half a cosine down to a floor (Loshchilov and Hutter, 2017).

export interface Schedule {
  /** Highest learning rate, reached at the end of the warm-up. */
  peak: number;
  totalSteps: number;
  /** Part of the run spent warming up, 0 to 1. */
  warmupRatio: number;
}

/** Where the cosine ends, as a part of the peak: the last steps still move the weights. */
const FLOOR = 0.05;

/** Learning rate of optimiser step `step`, counted from 1 to `totalSteps`. Above 0 at every step. */
export function learningRateAt({ peak, totalSteps, warmupRatio }: Schedule, step: number): number {
  const warmupSteps = Math.ceil(totalSteps * warmupRatio);
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return peak * (FLOOR + ((1 - FLOOR) * (1 + Math.cos(Math.PI * progress))) / 2);
}
