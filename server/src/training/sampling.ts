// Which paths an epoch shows, and how much a step of either class counts in the loss.
import { seededRandom } from '../support/random.ts';
import { PrmError } from '../support/errors.ts';
import type { PathCounts, TrainingPath } from './data.ts';
import type { CompleteTrainOptions } from './options.ts';

/** Tells this draw from the others that the run's seed makes. */
const SAMPLING_STREAM = 0x5a3b1e07;

/**
 * As many paths with a wrong step as paths without: those of the rarer kind come several times, the rest of the
 * difference drawn without repeating. All epochs show the same paths, in an order of their own.
 */
export function balancedPaths(paths: readonly TrainingPath[], seed: number): TrainingPath[] {
  const isWrong = ({ labels, weights }: TrainingPath): boolean =>
    labels.some((label, step) => label === 0 && (weights[step] ?? 0) > 0);
  const wrong = paths.filter(isWrong);
  const right = paths.filter((item) => !isWrong(item));
  const [rarer, other] = wrong.length < right.length ? [wrong, right] : [right, wrong];
  if (rarer.length === 0) return [...paths];
  const order = seededRandom(seed ^ SAMPLING_STREAM).shuffle([...rarer]);
  const repeated = Array.from(other, (_, index) => order[index % order.length] ?? rarer[0]);
  return [...other, ...repeated];
}

/** Weights of the two classes in the loss. */
interface ClassWeights {
  incorrect: number;
  correct: number;
}

/**
 * @returns undefined where all steps count alike; `balanced` gives each class half of the loss, and a mean weight of 1
 * @throws PrmError where both weights are 0
 */
export function classWeights(
  { class_weights: given }: Pick<CompleteTrainOptions, 'class_weights'>,
  { correct, incorrect }: Pick<PathCounts, 'correct' | 'incorrect'>,
): ClassWeights | undefined {
  if (given === 'none') return undefined;
  if (given === 'balanced') {
    if (correct === 0 || incorrect === 0) return undefined;
    const steps = correct + incorrect;
    return { incorrect: steps / (2 * incorrect), correct: steps / (2 * correct) };
  }
  const [first = 1, second = 1] = given.split(',').map(Number);
  if (!(first > 0 && second > 0)) {
    throw new PrmError({
      what: `--class_weights ${given}: a class of weight 0 would not be learned`,
      remedy: 'Give two numbers above 0: of incorrect steps, of correct steps.',
    });
  }
  return { incorrect: first, correct: second };
}

/** Gives each labelled step the weight of its class; a soft target the mean of both, as its parts ask. */
export function weighPaths(paths: readonly TrainingPath[], weights: ClassWeights): void {
  for (const path of paths) {
    path.weights = path.weights.map((weight, step) => {
      const target = path.targets[step] ?? 0;
      return weight === 0 ? 0 : target * weights.correct + (1 - target) * weights.incorrect;
    });
  }
}
