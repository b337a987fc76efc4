// What `prm label` may be told, with its defaults.
import { z } from 'zod';
import { LABEL_METHOD_NAMES } from '../../../protocol/src/generation.ts';
import { sampleOptionsSchema } from './sampling/sampleOptions.ts';

const shared = sampleOptionsSchema.pick({
  datasets: true,
  outputDir: true,
  layout: true,
  temperature: true,
  topP: true,
  maxTokens: true,
  seed: true,
  samplesPerRequest: true,
  concurrency: true,
  budgetTokens: true,
  budgetRequests: true,
  timeout: true,
  cacheDir: true,
  forceRegenerate: true,
  dryRun: true,
  overwrite: true,
});

export const SEARCHES = ['every', 'binary'] as const;

export const labelOptionsSchema = shared
  .extend({
    by: z.enum(LABEL_METHOD_NAMES),
    /** Needed by methods that ask a model. */
    server: z.string().min(1).optional(),
    model: z.string().min(1).optional(),
    /** Where the judge is another model than the one that continues solutions. */
    judgeServer: z.string().min(1).optional(),
    judgeModel: z.string().min(1).optional(),
    rollouts: z.int().positive().default(8),
    search: z.enum(SEARCHES).optional(),
    votes: z.int().positive().default(1),
    /** Write the shares that roll-outs estimate as labels, in place of verdicts. */
    soft: z.boolean().default(false),
    /** Solutions to label. */
    maxExamples: z.int().positive().optional(),
  })
  // A search by halves tries few steps, and a step that is not tried has no share.
  .transform(({ search, ...rest }) => ({ ...rest, search: search ?? (rest.soft ? 'every' : 'binary') }));

export type LabelOptions = z.input<typeof labelOptionsSchema>;
export type CompleteLabelOptions = z.output<typeof labelOptionsSchema>;

/** For the help. */
export const labelDefaults = labelOptionsSchema.parse({ datasets: ['-'], outputDir: '-', by: 'outcome' });
