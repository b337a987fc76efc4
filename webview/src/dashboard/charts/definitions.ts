// The training charts: one entry each.
import type { TrainSeries, ValidationSeries } from '../../../../protocol/src/dashboard.ts';
import { bytes, count, percent, short } from '../../ui/format.ts';

export interface ChartDefinition {
  key: string;
  title: string;
  train?: TrainSeries;
  validation?: ValidationSeries;
  /** What always answering the more frequent class would reach stands beside it. */
  baseline?: boolean;
  /** Values spread over powers of ten: the log scale is for these. */
  log?: boolean;
  /** Words of a value: short at a tick, exact in the read-out. */
  tick: (value: number) => string;
  value: (value: number) => string;
}

const share = { tick: (value: number) => `${Number((value * 100).toFixed(1))} %`, value: percent };
const measured = { tick: tickOf, value: short };
const size = { tick: bytes, value: bytes };
const wholeNumber = { tick: tickOf, value: (value: number) => count(Math.round(value)) };

export const CHARTS: readonly ChartDefinition[] = [
  { key: 'loss', title: 'Loss (nats a step)', train: 'loss', validation: 'loss', log: true, ...measured },
  {
    key: 'accuracy',
    title: 'Accuracy',
    train: 'accuracy',
    validation: 'accuracy',
    baseline: true,
    ...share,
  },
  { key: 'balanced-accuracy', title: 'Balanced accuracy', validation: 'balancedAccuracy', ...share },
  { key: 'f1-incorrect', title: 'F1 of the incorrect class', validation: 'f1Incorrect', ...share },
  { key: 'auroc', title: 'AUROC', validation: 'auroc', tick: tickOf, value: (value) => value.toFixed(3) },
  { key: 'learning-rate', title: 'Learning rate', train: 'learningRate', log: true, ...measured },
  { key: 'gradient-norm', title: 'Gradient norm', train: 'gradientNorm', log: true, ...measured },
  { key: 'tokens-per-second', title: 'Tokens a second', train: 'tokensPerSecond', ...wholeNumber },
  { key: 'memory', title: 'Memory of the process', train: 'memoryBytes', ...size },
];

/** 0.0005 -> "0.0005"; 0.00002 -> "2e-5"; 20000 -> "20,000". */
function tickOf(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude > 0 && (magnitude < 1e-3 || magnitude >= 1e6)) {
    const [digits = '', power = ''] = value.toExponential(3).split('e');
    return `${Number(digits)}e${power.replace('+', '')}`;
  }
  return magnitude >= 1000 ? count(value) : String(Number(value.toPrecision(6)));
}
