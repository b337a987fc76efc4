// `prm generate sample`: several solutions of every problem from a model server, each compared with the reference answer.
import path from 'node:path';
import type { SkippedRows } from '../datasets/format/formatReport.ts';
import { PrmError } from '../support/errors.ts';
import { inOrder } from './parallel.ts';
import { Problems, type Problem } from './problems.ts';
import { readOptions } from './readOptions.ts';
import { SampledRows, type SampleCounts } from './sampledRows.ts';
import { cacheFolder } from './sampling/cacheFolder.ts';
import type { ChatRequest } from './sampling/chatRequest.ts';
import { ChatServer } from './sampling/chatServer.ts';
import { SampleCache } from './sampling/sampleCache.ts';
import {
  sampleOptionsSchema,
  type CompleteSampleOptions,
  type SampleOptions,
} from './sampling/sampleOptions.ts';
import { Sampler, type SamplerCounts } from './sampling/sampler.ts';
import { keyIn } from './sampling/serverAddress.ts';
import { solutionMessages } from './sampling/solutionPrompt.ts';
import { promptTokens } from './sampling/tokens.ts';
import type { SourceHooks } from './sourceRows.ts';
import { writeInfo } from './writeInfo.ts';
import { refuseExisting, writeLines, type AddLine } from './writeLines.ts';

const SAMPLES_FILE = 'samples.jsonl';

export interface SampleHooks extends SourceHooks {
  onProgress?: ((counts: SamplerCounts) => void) | undefined;
  /** For tests. */
  firstPause?: number;
}

export interface SampleSummary extends SampleCounts {
  model: string;
  server: string;
  file: string;
  bytes: number;
  problems: number;
  /** Rows whose problem came before. */
  repeated: number;
  counts: SamplerCounts;
  /** Entries of the cache that were damaged and made again. */
  damaged: number;
  skipped: SkippedRows[];
  cache: string;
  seconds: number;
}

/** What a run would ask for. */
export interface SampleCost {
  problems: number;
  repeated: number;
  skipped: SkippedRows[];
  samples: number;
  /** Of these, the ones that the cache has; they cost nothing. */
  cached: number;
  requests: number;
  /** Guessed from the length of the texts. */
  promptTokens: number;
  /** If every answer were as long as it may be. */
  completionTokens: number;
}

/**
 * Writes `samples.jsonl` (TRL's stepwise layout, steps unlabelled, in the order of the problems) and `generation_info.json`. A second run
 * with the same settings makes no request. Memory holds a hash of each problem, and the samples of a few.
 * @throws PrmError where a dataset, the server or the folder cannot be used, or no sample was to be had; CancelledError. What was
 *   paid for is kept in the cache, and no file is left
 */
export async function sampleDatasets(given: SampleOptions, hooks: SampleHooks = {}): Promise<SampleSummary> {
  const options = readOptions(sampleOptionsSchema, given);
  const { environment = process.env, signal, onProgress } = hooks;
  const started = performance.now();
  const file = path.join(options.outputDir, SAMPLES_FILE);
  await refuseExisting(file, options.overwrite);
  const folder = cacheFolder(options.cacheDir, environment);
  const cache = new SampleCache(folder);
  const sampler = samplerOf(options, cache, hooks);
  const rows = new SampledRows();
  const problems = await openProblems(options, hooks);
  try {
    const { problems: count, repeated, skipped } = await problems.count();
    sampler.expect(count * options.numSamplesPerProblem);
    const ask = async (problem: Problem, all: AbortSignal) => ({
      problem,
      outcomes: await sampler.askAll(requestsOf(problem, options), all, () => onProgress?.(sampler.counts)),
    });
    const fill = async (add: AddLine): Promise<void> => {
      for await (const { problem, outcomes } of inOrder(problems.each(), options.concurrency, signal, ask)) {
        for (const line of rows.linesOf(problem, outcomes)) await add(line);
      }
      if (rows.counts.samples === 0) throw nothingToWrite(rows.counts, options.server);
    };
    const bytes = await sampler.guard(writeLines(file, fill), signal);
    const summary: SampleSummary = {
      model: options.model,
      server: options.server,
      file,
      bytes,
      problems: count,
      repeated,
      ...rows.counts,
      counts: sampler.counts,
      damaged: cache.damaged,
      skipped,
      cache: folder,
      seconds: (performance.now() - started) / 1000,
    };
    await writeInfo(options.outputDir, 'prm generate sample', summary);
    return summary;
  } finally {
    await problems.close();
  }
}

/**
 * What `sampleDatasets` would ask for; nobody is asked, and nothing is written.
 * @throws PrmError where a dataset or the cache cannot be used
 */
export async function estimateSamples(given: SampleOptions, hooks: SampleHooks = {}): Promise<SampleCost> {
  const options = readOptions(sampleOptionsSchema, given);
  const { environment = process.env, signal } = hooks;
  const cache = new SampleCache(cacheFolder(options.cacheDir, environment));
  const problems = await openProblems(options, hooks);
  try {
    const { problems: count, repeated, skipped } = await problems.count();
    const zeros = { samples: 0, cached: 0, requests: 0, promptTokens: 0, completionTokens: 0 };
    const cost: SampleCost = { problems: count, repeated, skipped, ...zeros };
    for await (const problem of problems.each()) {
      signal?.throwIfAborted();
      const wanted = requestsOf(problem, options);
      const isKept = options.forceRegenerate
        ? []
        : await Promise.all(wanted.map((request) => cache.has(request)));
      const cached = isKept.filter(Boolean).length;
      const requests = Math.ceil((wanted.length - cached) / options.samplesPerRequest);
      cost.samples += wanted.length;
      cost.cached += cached;
      cost.requests += requests;
      cost.promptTokens += requests * promptTokens(wanted[0]?.messages ?? []);
      cost.completionTokens += (wanted.length - cached) * options.maxTokens;
    }
    return cost;
  } finally {
    await problems.close();
  }
}

function openProblems(
  { datasets, layout, maxProblems: limit }: CompleteSampleOptions,
  hooks: SampleHooks,
): Promise<Problems> {
  return Problems.open({ datasets, layout, limit }, hooks);
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
    samplesPerRequest: options.samplesPerRequest,
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

/** A file without a row would pass for a result. */
function nothingToWrite({ missing }: SampleCounts, server: string): PrmError {
  const reasons = missing.map(({ reason, samples, detail }) => {
    return `${samples} × ${reason}${detail === undefined ? '' : ` (${detail})`}`;
  });
  return new PrmError({
    where: server,
    what: `no sample could be had: ${reasons.join('; ')}`,
    remedy: 'Change what the reason names. What was paid for is kept.',
  });
}
