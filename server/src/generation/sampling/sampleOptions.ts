// What `prm generate sample` may be told, with its defaults.
import { z } from 'zod';
import { LAYOUTS } from '../../../../protocol/src/datasets.ts';
import { DEFAULT_INSTRUCTION } from './solutionPrompt.ts';

export const sampleOptionsSchema = z.object({
  /** Files, or names on the Hub. */
  datasets: z.array(z.string()).min(1),
  outputDir: z.string().min(1),
  layout: z.enum(LAYOUTS).optional(),
  /** Base address of an OpenAI-compatible API. */
  server: z.string().min(1),
  model: z.string().min(1),
  numSamplesPerProblem: z.int().positive().default(4),
  maxProblems: z.int().positive().optional(),
  temperature: z.number().min(0).default(0.7),
  topP: z.number().gt(0).max(1).default(1),
  /** Most tokens of one solution. */
  maxTokens: z.int().positive().default(1024),
  stop: z.array(z.string()).default([]),
  instruction: z.string().default(DEFAULT_INSTRUCTION),
  /** Of the first sample of a problem; each further one adds one. */
  seed: z.int().min(0).max(0x7fffffff).default(42),
  /** Samples of one prompt that are asked for in one request, where the server can. */
  samplesPerRequest: z.int().positive().max(128).default(1),
  /** Most requests at once. */
  concurrency: z.int().positive().max(1024).default(8),
  /** Most tokens that this run may cost, as the server counts them; and most requests. */
  budgetTokens: z.int().positive().optional(),
  budgetRequests: z.int().positive().optional(),
  /** Longest wait for the next piece of an answer, seconds. */
  timeout: z.number().positive().default(120),
  cacheDir: z.string().min(1).optional(),
  /** Ask again even where the cache has an answer. */
  forceRegenerate: z.boolean().default(false),
  /** Only say what it would cost. */
  dryRun: z.boolean().default(false),
  overwrite: z.boolean().default(false),
});

export type SampleOptions = z.input<typeof sampleOptionsSchema>;
export type CompleteSampleOptions = z.output<typeof sampleOptionsSchema>;

/** For the help. */
export const sampleDefaults = sampleOptionsSchema.parse({
  datasets: ['-'],
  outputDir: '-',
  server: '-',
  model: '-',
});
