// `prm generate sample`: several solutions of every problem from a model server, each compared with the reference answer.
import path from 'node:path';
import { OutputFile, kindOf } from '../datasets/export/outputFile.ts';
import { TextBuffer } from '../datasets/export/textBuffer.ts';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { PrmError } from '../support/errors.ts';
import { finalAnswer, sameAnswer } from './answers.ts';
import { readProblems, type Problem, type ProblemHooks } from './problems.ts';
import { cacheFolder } from './sampling/cacheFolder.ts';
import type { ChatRequest } from './sampling/chatRequest.ts';
import { ChatServer, keyIn } from './sampling/chatServer.ts';
import { SampleCache } from './sampling/sampleCache.ts';
import {
  sampleOptionsSchema,
  type CompleteSampleOptions,
  type SampleOptions,
} from './sampling/sampleOptions.ts';
import { Sampler, type SamplerCounts, type SamplerOutcome } from './sampling/sampler.ts';
import { solutionMessages, stepsOf } from './sampling/solutionPrompt.ts';
import { writeInfo } from './writeInfo.ts';

const SAMPLES_FILE = 'samples.jsonl';
const INFO_FILE = 'generation_info.json';

export interface SampleHooks extends ProblemHooks {
  onProgress?: ((counts: SamplerCounts) => void) | undefined;
  /** For tests. */
  firstPause?: number;
}

export interface SampleSummary {
  model: string;
  server: string;
  file: string;
  bytes: number;
  problems: number;
  /** Written. */
  samples: number;
  counts: SamplerCounts;
  /** Entries of the cache that were damaged and made again. */
  damaged: number;
  /** Samples whose answer is the reference answer, is another, or cannot be compared. */
  answers: { correct: number; incorrect: number; unknown: number };
  /** Problems with at least one right sample, of those with a reference answer. */
  solved: { problems: number; of: number };
  /** Samples that were cut at the token limit. */
  cut: number;
  /** Requests without an answer, by reason. */
  missing: { reason: string; samples: number }[];
  skipped: SkippedRows[];
  cache: string;
  seconds: number;
}

/**
 * Writes `samples.jsonl` (TRL's stepwise layout, steps unlabelled) and `generation_info.json`. A second run with the same
 * settings makes no request.
 * @throws PrmError where a dataset, the server or the folder cannot be used; CancelledError. What was paid for is kept.
 */
export async function sampleDatasets(given: SampleOptions, hooks: SampleHooks = {}): Promise<SampleSummary> {
  const options = sampleOptionsSchema.parse(given);
  const { environment = process.env, signal } = hooks;
  const started = performance.now();
  const file = path.join(options.outputDir, SAMPLES_FILE);
  if (!options.overwrite && (await kindOf(file)) === 'file') {
    throw new PrmError({
      where: file,
      what: 'the file exists',
      remedy: 'Give another --output-dir, or --overwrite to replace it.',
    });
  }
  const { datasets, layout, maxProblems: limit } = options;
  const { problems, skipped } = await readProblems({ datasets, layout, limit }, hooks);
  const folder = cacheFolder(options.cacheDir, environment);
  const cache = new SampleCache(folder);
  const sampler = samplerOf(options, cache, hooks);
  const outcomes = new Map<ChatRequest, SamplerOutcome>();
  const asked = problems.map((problem) => ({ problem, requests: requestsOf(problem, options) }));
  await sampler.run(
    asked.flatMap(({ requests }) => requests),
    signal,
    (outcome) => {
      outcomes.set(outcome.request, outcome);
      hooks.onProgress?.(sampler.counts);
    },
  );
  const writer = new SampleWriter(options.model);
  for (const { problem, requests } of asked) {
    writer.problem(
      problem,
      requests.flatMap((request) => outcomes.get(request) ?? []),
    );
  }
  const bytes = await writer.write(file);
  const summary: SampleSummary = {
    model: options.model,
    server: options.server,
    file,
    bytes,
    problems: problems.length,
    ...writer.counts,
    counts: sampler.counts,
    damaged: cache.damaged,
    skipped,
    cache: folder,
    seconds: (performance.now() - started) / 1000,
  };
  await writeInfo(path.join(options.outputDir, INFO_FILE), 'prm generate sample', summary);
  return summary;
}

function samplerOf(options: CompleteSampleOptions, cache: SampleCache, hooks: SampleHooks): Sampler {
  const server = new ChatServer({
    address: options.server,
    key: keyIn(hooks.environment ?? process.env),
    patience: options.timeout * 1000,
  });
  return new Sampler({
    server,
    cache,
    concurrency: options.concurrency,
    budget: { tokens: options.budgetTokens ?? Infinity, requests: options.budgetRequests ?? Infinity },
    renew: options.forceRegenerate,
    ...(hooks.firstPause === undefined ? {} : { firstPause: hooks.firstPause }),
  });
}

function requestsOf({ text }: Problem, options: CompleteSampleOptions): ChatRequest[] {
  const { model, temperature, topP, maxTokens, stop, seed, instruction } = options;
  const messages = solutionMessages(text, instruction);
  const settings = { temperature, topP, maxTokens, stop };
  return Array.from({ length: options.numSamplesPerProblem }, (_, sample) => ({
    model,
    messages,
    settings,
    seed: (seed + sample) % 2 ** 31,
    sample,
  }));
}

/** Collects the rows of `samples.jsonl` and counts what they hold. */
class SampleWriter {
  readonly counts: Pick<SampleSummary, 'samples' | 'answers' | 'solved' | 'cut' | 'missing'> = {
    samples: 0,
    answers: { correct: 0, incorrect: 0, unknown: 0 },
    solved: { problems: 0, of: 0 },
    cut: 0,
    missing: [],
  };
  readonly #model: string;
  readonly #lines: string[] = [];

  constructor(model: string) {
    this.#model = model;
  }

  problem(problem: Problem, outcomes: readonly SamplerOutcome[]): void {
    let solved = false;
    for (const outcome of outcomes) {
      if ('missing' in outcome) this.#missing(outcome.reason);
      else if (this.#sample(problem, outcome) === true) solved = true;
    }
    if (problem.answer === undefined) return;
    this.counts.solved.of++;
    if (solved) this.counts.solved.problems++;
  }

  async write(file: string): Promise<number> {
    const output = await OutputFile.create(file);
    try {
      const buffer = new TextBuffer(output);
      for (const line of this.#lines) await buffer.add(line);
      await buffer.flush();
      await output.finish();
      return output.bytes;
    } catch (error) {
      await output.abandon();
      throw error;
    }
  }

  /** @returns whether its answer is right; undefined where nobody can tell */
  #sample(
    { text: prompt, answer, dataset, row }: Problem,
    { sample, request }: Extract<SamplerOutcome, { sample: unknown }>,
  ): boolean | undefined {
    const { counts } = this;
    const steps = stepsOf(sample.text);
    if (steps.length === 0) {
      this.#missing('an answer without text');
      return undefined;
    }
    const given = finalAnswer(sample.text);
    const right = answer === undefined || given === undefined ? undefined : sameAnswer(given, answer);
    counts.samples++;
    if (sample.finish === 'length') counts.cut++;
    counts.answers[right === undefined ? 'unknown' : right ? 'correct' : 'incorrect']++;
    this.#lines.push(
      `${JSON.stringify({
        prompt,
        completions: steps,
        labels: steps.map(() => null),
        answer: answer ?? null,
        sampled_answer: given ?? null,
        answer_correct: right ?? null,
        finish_reason: sample.finish,
        model: this.#model,
        sample: request.sample,
        seed: request.seed,
        source: dataset,
        source_row: row,
      })}\n`,
    );
    return right;
  }

  #missing(reason: string): void {
    const found = this.counts.missing.find((one) => one.reason === reason);
    if (found === undefined) this.counts.missing.push({ reason, samples: 1 });
    else found.samples++;
  }
}
