// Every layout, by its name. A new one is a file beside this and a line here (and in `recognise.ts`, its place).
import type { LayoutName } from '../../../../protocol/src/datasets.ts';
import { bigbenchMistake } from './bigbenchMistake.ts';
import { erPrm } from './erPrm.ts';
import { formatted } from './formatted.ts';
import { gsm8k } from './gsm8k.ts';
import type { Layout } from './layout.ts';
import { mathApsFlat } from './mathApsFlat.ts';
import { mathApsTree } from './mathApsTree.ts';
import { mathShepherd } from './mathShepherd.ts';
import { mrGsm8k } from './mrGsm8k.ts';
import { prm800k } from './prm800k.ts';
import { prm800kCritic } from './prm800kCritic.ts';
import { prmbench } from './prmbench.ts';
import { processbench } from './processbench.ts';
import { rlhflow } from './rlhflow.ts';
import { trlStepwise } from './trlStepwise.ts';
import { versaprm } from './versaprm.ts';

export const LAYOUT_TABLE: Readonly<Record<LayoutName, Layout>> = {
  'trl-stepwise': trlStepwise,
  prm800k,
  'prm800k-critic': prm800kCritic,
  'math-shepherd': mathShepherd,
  processbench,
  prmbench,
  rlhflow,
  'math-aps-flat': mathApsFlat,
  'math-aps-tree': mathApsTree,
  versaprm,
  'er-prm': erPrm,
  'mr-gsm8k': mrGsm8k,
  'bigbench-mistake': bigbenchMistake,
  gsm8k,
  formatted,
};
