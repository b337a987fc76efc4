// What `prm label` may be told, with its defaults.
import { z } from 'zod';
import { LAYOUTS } from '../../../protocol/src/datasets.ts';
import { LABEL_METHOD_NAMES } from './labelling/index.ts';
import { sampleOptionsSchema } from './sampling/sampleOptions.ts';

const serverOptions = sampleOptionsSchema.pick({
  temperature: true,
  topP: true,
  maxTokens: true,
  seed: true,
  concurrency: true,
  budgetTokens: true,
  budgetRequests: true,
  timeout: true,
  cacheDir: true,
  forceRegenerate: true,
  overwrite: true,
});

export const labelOptionsSchema = serverOptions.extend({
  datasets: z.array(z.string()).min(1),
  outputDir: z.string().min(1),
  layout: z.enum(LAYOUTS).optional(),
  by: z.enum(LABEL_METHOD_NAMES),
  /** Needed by methods that ask a model. */
  server: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  /** Where the judge is another model than the one that continues solutions. */
  judgeServer: z.string().min(1).optional(),
  judgeModel: z.string().min(1).optional(),
  rollouts: z.int().positive().default(8),
  search: z.enum(['every', 'binary']).default('binary'),
  votes: z.int().positive().default(1),
  /** Write the shares that roll-outs estimate as labels, in place of verdicts. */
  soft: z.boolean().default(false),
  maxExamples: z.int().positive().optional(),
  /** Only say what it would cost. */
  dryRun: z.boolean().default(false),
});

export type LabelOptions = z.input<typeof labelOptionsSchema>;
export type CompleteLabelOptions = z.output<typeof labelOptionsSchema>;

/** For the help. */
export const labelDefaults = labelOptionsSchema.parse({ datasets: ['-'], outputDir: '-', by: 'outcome' });
