// All strategies, by name. A new one is one file and one line here.
import type { Strategy } from '../corruption.ts';
import { calculationError } from './calculationError.ts';
import { changedOperation } from './changedOperation.ts';
import { droppedStep } from './droppedStep.ts';
import { flippedNumber } from './flippedNumber.ts';
import { offByOne } from './offByOne.ts';
import { repeatedStep } from './repeatedStep.ts';
import { swappedQuantity } from './swappedQuantity.ts';
import { unitSlip } from './unitSlip.ts';
import { unsupportedClaim } from './unsupportedClaim.ts';
import { wrongFinalAnswer } from './wrongFinalAnswer.ts';

export const STRATEGIES = [
  flippedNumber,
  changedOperation,
  calculationError,
  wrongFinalAnswer,
  droppedStep,
  swappedQuantity,
  unitSlip,
  offByOne,
  repeatedStep,
  unsupportedClaim,
] as const satisfies readonly Strategy[];

export const STRATEGY_NAMES: readonly string[] = STRATEGIES.map(({ name }) => name);
