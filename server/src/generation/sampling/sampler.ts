// Makes many samples: from the cache where they are, from the server where not, within a budget; what is paid for is kept at once.
import { CancelledError, PrmError } from '../../support/errors.ts';
import { inParallel } from '../parallel.ts';
import type { ChatRequest, ChatSample } from './chatRequest.ts';
import type { ChatServer } from './chatServer.ts';
import { Pacer } from './pacer.ts';
import type { SampleCache } from './sampleCache.ts';
import { HopelessRequest, PassingFailure } from './serverErrors.ts';

export interface SamplerOptions {
  server: Pick<ChatServer, 'sample' | 'address'>;
  cache: SampleCache;
  concurrency: number;
  budget: { tokens: number; requests: number };
  /** Ask again even where the cache has an answer. */
  renew: boolean;
  /** Milliseconds before a failed request is tried again; doubled for each further try. */
  firstPause?: number;
}

export interface SamplerCounts {
  wanted: number;
  done: number;
  /** Of those done, the ones that were in the cache. */
  cached: number;
  /** Requests sent, those that failed included. */
  requests: number;
  /** As the server counts; samples from the cache cost nothing. */
  promptTokens: number;
  completionTokens: number;
  /** Tries that failed and were made again. */
  retried: number;
  /** Most requests at once, as the server bears it now. */
  limit: number;
}

/** What became of one request. */
export type SamplerOutcome =
  | { request: ChatRequest; sample: ChatSample; cached: boolean }
  /** `over-budget`: not asked for. `failed`: not after several tries, or never possible. */
  | { request: ChatRequest; missing: 'over-budget' | 'failed'; reason: string };

const TRIES = 5;
const FIRST_PAUSE = 500;
/** So many requests in a row that fail for good mean that the server does. */
const MOST_FAILURES = 8;

export class Sampler {
  readonly counts: SamplerCounts = {
    wanted: 0,
    done: 0,
    cached: 0,
    requests: 0,
    promptTokens: 0,
    completionTokens: 0,
    retried: 0,
    limit: 0,
  };
  readonly #options: SamplerOptions;
  readonly #pacer: Pacer;
  #failures = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#pacer = new Pacer({
      most: options.concurrency,
      tries: TRIES,
      firstPause: options.firstPause ?? FIRST_PAUSE,
      onRetry: () => this.counts.retried++,
    });
  }

  /** So many requests more will be asked; for those who want to know how far it is. */
  expect(requests: number): void {
    this.counts.wanted += requests;
  }

  /**
   * @param onOutcome called once for each request, in any order
   * @throws as `ask`
   */
  async run(
    requests: readonly ChatRequest[],
    signal: AbortSignal | undefined,
    onOutcome: (outcome: SamplerOutcome) => void,
  ): Promise<void> {
    this.expect(requests.length);
    await this.guard(
      inParallel(requests, this.#options.concurrency, signal, async (request, all) => {
        onOutcome(await this.ask(request, all));
      }),
      signal,
    );
  }

  /**
   * One request.
   * @throws PrmError where no further request can succeed; the signal's reason. What was made until then is in the cache.
   */
  async ask(request: ChatRequest, signal: AbortSignal): Promise<SamplerOutcome> {
    const outcome = await this.#outcome(request, signal);
    this.counts.done++;
    this.counts.limit = this.#pacer.limit;
    return outcome;
  }

  /** @throws CancelledError in place of whatever the work throws when the person stopped it: it says what is kept */
  async guard<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (signal?.aborted === true) throw new CancelledError(this.#keptMessage());
      throw error;
    }
  }

  async #outcome(request: ChatRequest, signal: AbortSignal): Promise<SamplerOutcome> {
    const { cache, renew } = this.#options;
    try {
      const { sample, made } = await cache.getOrMake(request, () => this.#ask(request, signal), {
        renew,
        signal,
      });
      if (!made) this.counts.cached++;
      return { request, sample, cached: !made };
    } catch (error) {
      if (error instanceof OverBudget) return { request, missing: 'over-budget', reason: error.message };
      if (error instanceof HopelessRequest) return { request, missing: 'failed', reason: error.what };
      if (!(error instanceof PassingFailure)) throw error;
      if (++this.#failures < MOST_FAILURES) return { request, missing: 'failed', reason: error.what };
      throw new PrmError({
        where: this.#options.server.address,
        what: `the server fails again and again: ${error.what}`,
        remedy: 'See its log. What was paid for is kept: the same command goes on from there.',
        cause: error,
      });
    }
  }

  async #ask(request: ChatRequest, signal: AbortSignal): Promise<ChatSample> {
    const { counts } = this;
    const sample = await this.#pacer.run(async () => {
      this.#checkBudget();
      counts.requests++;
      return this.#options.server.sample(request, signal);
    }, signal);
    this.#failures = 0;
    counts.promptTokens += sample.promptTokens ?? 0;
    counts.completionTokens += sample.completionTokens ?? 0;
    return sample;
  }

  #checkBudget(): void {
    const { requests, promptTokens, completionTokens } = this.counts;
    const { budget } = this.#options;
    if (requests >= budget.requests)
      throw new OverBudget(`the budget of ${budget.requests} requests is used up`);
    if (promptTokens + completionTokens >= budget.tokens) {
      throw new OverBudget(`the budget of ${budget.tokens} tokens is used up`);
    }
  }

  #keptMessage(): string {
    const { done, wanted } = this.counts;
    return `Stopped: ${done} of ${wanted} samples are kept. The same command goes on from there.`;
  }
}

class OverBudget extends Error {}
