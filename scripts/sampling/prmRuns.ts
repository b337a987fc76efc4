// Runs `prm` as a person would, with reports as JSON, for checks against a real model server.
import { readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { runPrm, type Ended } from '../../test/support/prm.ts';

const countsSchema = z.object({
  cached: z.int(),
  requests: z.int(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  /** Tries that failed and were made again. */
  retried: z.int(),
  limit: z.int(),
});

/** What a check reads of the report of `prm generate sample --json`. */
const sampleSummarySchema = z.object({
  file: z.string(),
  samples: z.int(),
  counts: countsSchema,
  answers: z.object({ correct: z.int(), incorrect: z.int(), unknown: z.int() }),
  cut: z.int(),
  missing: z.array(z.object({ reason: z.string(), samples: z.int() })),
  seconds: z.number(),
});
export type SampleReport = z.infer<typeof sampleSummarySchema>;

/** The same of `prm label --json`. */
const labelSummarySchema = z.object({
  file: z.string(),
  solutions: z.int(),
  labelled: z.int(),
  labels: z.object({ correct: z.int(), incorrect: z.int(), unlabelled: z.int() }),
  without: z.array(z.object({ reason: z.string(), solutions: z.int() })),
  counts: countsSchema.optional(),
  seconds: z.number(),
});
export type LabelReport = z.infer<typeof labelSummarySchema>;

const rowSchema = z.object({
  prompt: z.string(),
  completions: z.array(z.string()),
  labels: z.array(z.null()),
  finish_reason: z.string(),
  sample: z.int(),
  seed: z.int(),
});
export type SampleRow = z.infer<typeof rowSchema>;

/** Commands in one folder, against one server. */
export class PrmRuns {
  readonly folder: string;
  readonly #server: readonly string[];

  constructor(folder: string, { api, model }: { api: string; model: string }) {
    this.folder = folder;
    this.#server = ['--server', api, '--model', model];
  }

  /** @param whileRunning called every 20 ms; may send signals */
  run(argv: readonly string[], whileRunning?: (child: ChildProcess) => void): Promise<Ended> {
    return runPrm(argv, { cwd: this.folder, ...(whileRunning === undefined ? {} : { whileRunning }) });
  }

  /** `prm generate sample`, to its end. @throws an Error with what it said where it fails */
  async sample(problems: string, output: string, options: readonly string[]): Promise<SampleReport> {
    const argv = this.sampleCommand(problems, output, [...options, '--json']);
    return sampleSummarySchema.parse(await this.#json(argv));
  }

  /** What is typed behind `prm`. */
  sampleCommand(problems: string, output: string, options: readonly string[]): string[] {
    return ['generate', 'sample', problems, ...this.#server, '--output-dir', output, ...options];
  }

  /** `prm label`, to its end. @throws an Error with what it said where it fails */
  async label(by: string, samples: string, output: string, options: readonly string[]): Promise<LabelReport> {
    const { status, stdout, stderr } = await this.labelling(by, samples, output, options);
    if (status !== 0) throw new Error(`prm label --by ${by} ended with ${status}.\n${stderr}`);
    return labelSummarySchema.parse(JSON.parse(stdout));
  }

  /** `prm label`, however it ends. */
  labelling(by: string, samples: string, output: string, options: readonly string[]): Promise<Ended> {
    const asks = by === 'rollouts' || by === 'judge';
    const server = asks ? this.#server : [];
    return this.run(['label', samples, '--by', by, ...server, '--output-dir', output, ...options, '--json']);
  }

  /** The rows that a run wrote. */
  rows(report: SampleReport): SampleRow[] {
    return this.read(report.file)
      .trimEnd()
      .split('\n')
      .map((line) => rowSchema.parse(JSON.parse(line)));
  }

  read(file: string): string {
    return readFileSync(path.resolve(this.folder, file), 'utf8');
  }

  async #json(argv: readonly string[]): Promise<unknown> {
    const { status, stdout, stderr } = await this.run(argv);
    if (status !== 0) throw new Error(`prm ${argv.join(' ')} ended with ${status}.\n${stderr}`);
    return JSON.parse(stdout);
  }
}
