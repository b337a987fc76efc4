// Learning rate over a stage: linear warm-up, then half a cosine (Loshchilov and Hutter, 2017) or a line down to a floor.

export interface Schedule {
  /** Highest learning rate, reached at the end of the warm-up. */
  peak: number;
  totalSteps: number;
  /** Part of the steps spent warming up, 0 to 1. */
  warmupRatio: number;
  shape: 'cosine' | 'linear' | 'constant';
}

/** Where cosine and line end, as a part of the peak: the last steps still move the weights. */
const FLOOR = 0.05;

/** Learning rate of optimiser step `step`, counted from 1 to `totalSteps`. Above 0 at every step. */
export function learningRateAt({ peak, totalSteps, warmupRatio, shape }: Schedule, step: number): number {
  const warmupSteps = Math.ceil(totalSteps * warmupRatio);
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return peak * (FLOOR + (1 - FLOOR) * remaining(shape, progress));
}

/** From 1 at the end of the warm-up to 0 at the last step. */
function remaining(shape: Schedule['shape'], progress: number): number {
  switch (shape) {
    case 'cosine':
      return (1 + Math.cos(Math.PI * progress)) / 2;
    case 'linear':
      return 1 - progress;
    case 'constant':
      return 1;
  }
}
