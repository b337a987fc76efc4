// What `prm generate corrupt` may be told, with its defaults.
import { z } from 'zod';
import { LAYOUTS } from '../../../protocol/src/datasets.ts';
import { STRATEGY_NAMES } from './corruption/strategies/index.ts';
import { AFTER_ERROR_LABELS } from './corruptedRow.ts';

export const corruptOptionsSchema = z.object({
  /** Files, or names on the Hub. */
  datasets: z.array(z.string()).min(1),
  outputDir: z.string().min(1),
  layout: z.enum(LAYOUTS).optional(),
  numIncorrectPerProblem: z.int().positive().default(3),
  /** Most paths that are written, correct ones included. */
  maxExamples: z.int().positive().optional(),
  strategies: z
    .array(z.enum(STRATEGY_NAMES))
    .min(1)
    .default([...STRATEGY_NAMES]),
  consistentShare: z.number().min(0).max(1).default(0.5),
  afterError: z.enum(AFTER_ERROR_LABELS).default('unlabelled'),
  /** Also writes each solution as it is. */
  correct: z.boolean().default(true),
  seed: z.int().min(0).max(0xffffffff).default(42),
  overwrite: z.boolean().default(false),
});

export type CorruptOptions = z.input<typeof corruptOptionsSchema>;
export type CompleteCorruptOptions = z.output<typeof corruptOptionsSchema>;

/** For the help. */
export const corruptDefaults = corruptOptionsSchema.parse({ datasets: ['-'], outputDir: '-' });
