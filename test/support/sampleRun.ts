// Runs of `prm generate sample` in a folder of their own, with a model server on loopback: for tests.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  sampleDatasets,
  type SampleHooks,
  type SampleSummary,
} from '../../server/src/generation/sampleDatasets.ts';
import type { SampleOptions } from '../../server/src/generation/sampling/sampleOptions.ts';
import { writeJsonl } from './stepwise.ts';
import { TestChatServer } from './testChatServer.ts';

export interface SampledRow {
  prompt: string;
  completions: string[];
  labels: null[];
  answer: string | null;
  sampled_answer: string | null;
  answer_correct: boolean | null;
  finish_reason: string;
  sample: number;
  seed: number;
  source_row: number;
}

export class SampleRun {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sample-'));
  readonly server = new TestChatServer();

  /** With three problems, the sums of a number and ten. */
  static async start(): Promise<SampleRun> {
    const run = new SampleRun();
    await run.server.start();
    run.write(3);
    return run;
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  /** So many different problems, with their answers. */
  write(problems: number): void {
    writeJsonl(
      this.at('problems.jsonl'),
      Array.from({ length: problems }, (_, index) => index + 1).map((n) => ({
        question: `What is ${n} + 10?`,
        answer: `${n} + 10 = ${n + 10}\n#### ${n + 10}`,
      })),
    );
  }

  options(options: Partial<SampleOptions> = {}): SampleOptions {
    return {
      datasets: [this.at('problems.jsonl')],
      outputDir: this.at('out'),
      server: this.server.address,
      model: 'tiny',
      numSamplesPerProblem: 2,
      cacheDir: this.at('cache'),
      overwrite: true,
      ...options,
    };
  }

  sample(options: Partial<SampleOptions> = {}, hooks: SampleHooks = {}): Promise<SampleSummary> {
    return sampleDatasets(this.options(options), { environment: {}, firstPause: 1, ...hooks });
  }

  /** What the requests since the last look asked for: how many choices each. */
  asked(): number[] {
    return this.server.calls.splice(0).map(({ n = 1 }) => n);
  }

  /** The rows of the last run. */
  written(folder = 'out'): SampledRow[] {
    return readFileSync(this.at(`${folder}/samples.jsonl`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SampledRow);
  }

  /** Files below a folder of the cache. */
  cacheFiles(folder: 'content/content-v2' | 'content/index-v5' | 'claims'): string[] {
    return readdirSync(this.at(`cache/${folder}`), { recursive: true, encoding: 'utf8' })
      .map((name) => this.at(`cache/${folder}/${name}`))
      .filter((file) => statSync(file).isFile());
  }

  async end(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}
