// How much of each input becomes examples: all of it, a number of rows, or a part of the mix by weight; and the balance.
import { PrmError } from '../../support/errors.ts';
import { seededRandom } from '../../support/random.ts';
import { balanceClasses, KEEP_ALL, keepSome, type Balance } from './balance.ts';
import type { FormatOptions } from './formatOptions.ts';
import type { ClassCounts } from './formatReport.ts';
import type { ProblemTable } from '../problemTable.ts';
import { SIDES, type Side, type Split } from './split.ts';

/**
 * Chooses exactly `wanted` of `available` rows, every choice equally likely (Knuth, vol. 2, 3.4.2, algorithm S).
 * @returns asked for each of the available rows in order
 */
export function chooseRows(available: number, wanted: number, seed: number): () => boolean {
  const random = seededRandom(seed);
  const left = { wanted, available };
  return () => {
    const taken = random.float() * left.available < left.wanted;
    left.available--;
    if (taken) left.wanted--;
    return taken;
  };
}

/** Inputs draw from streams of random numbers of their own; the first one's is the seed's. */
export function seedOf(seed: number, input: number): number {
  // 2^32 divided by the golden ratio: seeds that follow each other stay far apart.
  return (seed + Math.imul(input, 0x9e3779b9)) | 0;
}

export interface MixedInput {
  dataset: string;
  weight?: number | undefined;
  problems: ProblemTable;
}

/** Labelled steps of one input on one side, and which of them are kept. */
interface MixedSide {
  before: ClassCounts;
  balance: Balance;
}

export interface Mix {
  /** By input. */
  inputs: Record<Side, MixedSide>[];
  /** Whether a side has as many correct as incorrect examples by choice. */
  balanced: Record<Side, boolean>;
  warnings: string[];
}

/** @throws PrmError where balancing or weighting would leave nothing to train on */
export function planMix(
  inputs: readonly MixedInput[],
  split: Split,
  options: Pick<FormatOptions, 'balance' | 'seed'>,
): Mix {
  const counts = inputs.map(({ problems }) => countsBySide(problems, split));
  const warnings: string[] = [];
  const weighted = inputs.some(({ weight }) => weight !== undefined);
  const sides = {} as Record<Side, { balances: Balance[]; balanced: boolean }>;
  for (const side of SIDES) {
    const before = counts.map((count) => count[side]);
    sides[side] = weighted
      ? weighSide(inputs, before, side, options, warnings)
      : balanceSide(inputs, split.counts[side], side, options, warnings);
  }
  const of = (side: Side, input: number): MixedSide => ({
    before: counts[input]?.[side] ?? { correct: 0, incorrect: 0 },
    balance: sides[side].balances[input] ?? KEEP_ALL,
  });
  return {
    inputs: inputs.map((_, input) => ({ train: of('train', input), validation: of('validation', input) })),
    balanced: { train: sides.train.balanced, validation: sides.validation.balanced },
    warnings,
  };
}

function countsBySide(problems: ProblemTable, split: Split): Record<Side, ClassCounts> {
  const counts = { train: { correct: 0, incorrect: 0 }, validation: { correct: 0, incorrect: 0 } };
  for (const { key, correct, incorrect } of problems) {
    const side = counts[split.sideOf(key)];
    side.correct += correct;
    side.incorrect += incorrect;
  }
  return counts;
}

/** The same stream of choices for all inputs: what counts is the side as a whole. */
function balanceSide(
  inputs: readonly MixedInput[],
  counts: ClassCounts & { problems: number },
  side: Side,
  { balance, seed }: Pick<FormatOptions, 'balance' | 'seed'>,
  warnings: string[],
): { balances: Balance[]; balanced: boolean } {
  const oneClass = Math.min(counts.correct, counts.incorrect) === 0;
  if (balance && oneClass && side === 'train') {
    throw nothingLeft(inputs.map(({ dataset }) => dataset).join(', '), counts, 'the training side');
  }
  if (balance && oneClass && counts.problems > 0) {
    warnings.push(
      `Every labelled step of the validation side is ${counts.correct > 0 ? 'correct' : 'incorrect'}, ` +
        'so it was left unbalanced. A larger --val_ratio or another --seed may give both kinds.',
    );
  }
  if (!balance || oneClass) return { balances: inputs.map(() => KEEP_ALL), balanced: balance && !oneClass };
  // The validation side draws from another stream of random numbers than the training side.
  const one = balanceClasses(counts, side === 'train' ? seed : ~seed);
  return { balances: inputs.map(() => one), balanced: true };
}

/**
 * As many examples as there are without repeating one, in the proportion of the weights; where they are balanced, each
 * input is balanced in itself.
 */
function weighSide(
  inputs: readonly MixedInput[],
  before: readonly ClassCounts[],
  side: Side,
  { balance, seed }: Pick<FormatOptions, 'balance' | 'seed'>,
  warnings: string[],
): { balances: Balance[]; balanced: boolean } {
  const available = before.map(({ correct, incorrect }) =>
    balance ? 2 * Math.min(correct, incorrect) : correct + incorrect,
  );
  const scales: number[] = [];
  for (const [index, { dataset, weight = 1 }] of inputs.entries()) {
    const counts = before[index] ?? { correct: 0, incorrect: 0 };
    const examples = available[index] ?? 0;
    if (examples > 0) scales.push(examples / weight);
    else if (side === 'train') throw nothingLeft(dataset, counts, 'its training side');
    else if (before.some(({ correct, incorrect }) => correct + incorrect > 0)) {
      warnings.push(`The validation side has nothing of ${dataset} that could be weighed.`);
    }
  }
  const scale = scales.length === 0 ? 0 : Math.min(...scales);
  const balances = inputs.map(({ weight = 1 }, index) => {
    const counts = before[index] ?? { correct: 0, incorrect: 0 };
    // Rounding must not ask for more than there is.
    const wanted = Math.min(Math.round(scale * weight), available[index] ?? 0);
    const own = seedOf(side === 'train' ? seed : ~seed, index);
    if (!balance) return keepSome(counts, wanted, own);
    return balanceClasses(counts, own, Math.floor(wanted / 2));
  });
  return { balances, balanced: balance };
}

function nothingLeft(dataset: string, { correct, incorrect }: ClassCounts, side: string): PrmError {
  const kind = correct > 0 ? 'correct' : 'incorrect';
  return new PrmError({
    where: dataset,
    what:
      correct + incorrect === 0
        ? `${side} has no step that is correct or incorrect`
        : `every labelled step of ${side} is ${kind} (${correct + incorrect} steps), so balancing would leave nothing`,
    remedy: 'Give --no_balance to keep them, or a dataset with both kinds.',
  });
}
