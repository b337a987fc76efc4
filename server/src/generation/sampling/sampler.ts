// Makes many samples: from the cache where they are, from the server where not, within a budget; what is paid for is kept at once.
import { setMaxListeners } from 'node:events';
import { CancelledError, PrmError } from '../../support/errors.ts';
import type { ChatRequest, ChatSample } from './chatRequest.ts';
import type { ChatServer } from './chatServer.ts';
import { Gate } from './gate.ts';
import { Pacer } from './pacer.ts';
import type { MakeSamples, SampleCache } from './sampleCache.ts';
import type { ServerAnswer } from './serverAnswer.ts';
import { HopelessRequest, PassingFailure, RefusedChoices } from './serverErrors.ts';
import { costOf } from './tokens.ts';

export interface SamplerOptions {
  server: Pick<ChatServer, 'ask' | 'address'>;
  cache: SampleCache;
  concurrency: number;
  /** Samples of one prompt that are asked for in one request, where the server can; 1 where left out. */
  samplesPerRequest?: number;
  budget: { tokens: number; requests: number };
  /** Ask again even where the cache has an answer. */
  renew: boolean;
  /** Milliseconds before a failed request is tried again; doubled for each further try. */
  firstPause?: number;
}

export interface SamplerCounts {
  wanted: number;
  done: number;
  /** Of those done, the ones that were in the cache, or that another process made at the same time. */
  cached: number;
  /** Requests sent, those that failed included. */
  requests: number;
  /** As the server counts, all samples of a request together; samples from the cache cost nothing. */
  promptTokens: number;
  completionTokens: number;
  /** Answers whose tokens the server did not count: they are guessed from their length. */
  guessed: number;
  /** Tries that failed and were made again. */
  retried: number;
  /** Most requests at once, as the server bears it now. */
  limit: number;
  /** Why samples are asked for one by one, although several at once were wished. */
  oneByOne?: string;
  /** Samples of another model than was asked for, as the server says, those from the cache included; missing where there are none. */
  otherModels?: OtherModel[];
}

export interface OtherModel {
  asked: string;
  answered: string;
  samples: number;
}

/** What became of one request. */
export type SamplerOutcome =
  | { request: ChatRequest; sample: ChatSample; cached: boolean }
  /**
   * `over-budget`: not asked for. `failed`: not after several tries, or never possible.
   * `reason` is the same for all of a kind; `detail` is of this one.
   */
  | { request: ChatRequest; missing: 'over-budget' | 'failed'; reason: string; detail?: string | undefined };

const TRIES = 5;
const FIRST_PAUSE = 500;
/** So many requests in a row that fail for good mean that the server does. */
const MOST_FAILURES = 8;
/** A server that never names a model twice is not listened to for ever. */
const MOST_MODELS = 20;

export class Sampler {
  readonly counts: SamplerCounts;
  readonly #options: SamplerOptions;
  readonly #pacer: Pacer;
  readonly #gate: Gate;
  #together: number;
  #failures = 0;
  #kept = 0;

  constructor(options: SamplerOptions) {
    const zeros = { promptTokens: 0, completionTokens: 0, guessed: 0, retried: 0, limit: 0 };
    this.counts = { wanted: 0, done: 0, cached: 0, requests: 0, ...zeros };
    this.#options = options;
    this.#together = options.samplesPerRequest ?? 1;
    this.#gate = new Gate(options.concurrency);
    this.#pacer = new Pacer({
      most: options.concurrency,
      tries: TRIES,
      firstPause: options.firstPause ?? FIRST_PAUSE,
      onRetry: () => this.counts.retried++,
    });
  }

  /** So many samples more will be asked for; for those who want to know how far it is. */
  expect(samples: number): void {
    this.counts.wanted += samples;
  }

  /**
   * The samples of one prompt.
   * @param requests alike but for seed and sample number
   * @param onOutcome told of each that is settled
   * @returns their outcomes in this order
   * @throws PrmError where no further request can succeed; the signal's reason. What was made until then is in the cache.
   */
  async askAll(
    requests: readonly ChatRequest[],
    signal: AbortSignal,
    onOutcome: (outcome: SamplerOutcome) => void = () => undefined,
  ): Promise<SamplerOutcome[]> {
    // As many wait for it as ask at once, or want to: that is no leak.
    setMaxListeners(0, signal);
    const { cache, renew } = this.#options;
    const known = renew ? new Map<ChatRequest, ChatSample>() : await cache.getAll(requests);
    const missing = requests.filter((request) => !known.has(request));
    const found = new Map<ChatRequest, SamplerOutcome>();
    const settle = (outcome: SamplerOutcome): void => {
      found.set(outcome.request, outcome);
      this.#count(outcome);
      onOutcome(outcome);
    };
    for (const [request, sample] of known) settle({ request, sample, cached: true });
    const groups = Array.from({ length: Math.ceil(missing.length / this.#together) }, (_, group) =>
      missing.slice(group * this.#together, (group + 1) * this.#together),
    );
    const work = await Promise.allSettled(groups.map((group) => this.#askGroup(group, signal, settle)));
    // What is stopped says only that it was.
    for (const result of work)
      if (result.status === 'rejected') throw signal.aborted ? signal.reason : result.reason;
    return requests.flatMap((request) => found.get(request) ?? []);
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

  /** One request, or several where the server does not give what is asked for at once. */
  async #askGroup(
    group: readonly ChatRequest[],
    signal: AbortSignal,
    settle: (outcome: SamplerOutcome) => void,
  ): Promise<void> {
    await this.#gate.enter(signal);
    try {
      const over = this.#overBudget();
      if (over !== undefined) {
        for (const request of group) settle(missingFor(request, over));
        return;
      }
      let failure: Error | undefined;
      const make: MakeSamples = async (missing, keep) => {
        try {
          await this.#make(missing, keep, signal);
        } catch (error) {
          if (!(error instanceof Error) || !isOfOneRequest(error)) throw error;
          failure = error;
        }
      };
      const { cache, renew } = this.#options;
      const kept = await cache.getOrMake(group, make, { renew, signal });
      for (const request of group) {
        const one = kept.get(request);
        if (one !== undefined) settle({ request, sample: one.sample, cached: !one.made });
        else settle(missingFor(request, failure ?? new PassingFailure('no answer', false)));
      }
      if (failure instanceof PassingFailure) this.#countFailure(failure);
    } finally {
      this.#gate.leave();
    }
  }

  #count(outcome: SamplerOutcome): void {
    this.counts.done++;
    if ('sample' in outcome) {
      this.#kept++;
      if (outcome.cached) this.counts.cached++;
      this.#countModel(outcome.request.model, outcome.sample.answeredBy);
    }
    this.counts.limit = this.#pacer.limit;
  }

  #countModel(asked: string, answered = asked): void {
    if (answered === asked) return;
    const others = (this.counts.otherModels ??= []);
    const found = others.find((other) => other.asked === asked && other.answered === answered);
    if (found !== undefined) found.samples++;
    else if (others.length < MOST_MODELS) others.push({ asked, answered, samples: 1 });
  }

  async #make(
    wanted: readonly ChatRequest[],
    keep: Parameters<MakeSamples>[1],
    signal: AbortSignal,
  ): Promise<void> {
    let rest = wanted;
    while (rest.length > 0) {
      const part = rest.slice(0, this.#together);
      const answer = await this.#askServer(part, signal);
      if (answer === undefined) continue;
      const got = new Set<ChatRequest>();
      for (const [index, request] of part.entries()) {
        const sample = answer.samples[index];
        if (sample === undefined) continue;
        got.add(request);
        await keep(request, sample);
      }
      if (got.size < part.length && !answer.broken) {
        this.#goOneByOne(
          `the server gave ${got.size} of ${part.length} samples that it was asked for at once`,
        );
      }
      rest = rest.filter((request) => !got.has(request));
    }
  }

  /** @returns undefined where the server does not give so many at once */
  async #askServer(part: readonly ChatRequest[], signal: AbortSignal): Promise<ServerAnswer | undefined> {
    const { counts } = this;
    const [first] = part;
    if (first === undefined) return undefined;
    try {
      const answer = await this.#pacer.run(async () => {
        const over = this.#overBudget();
        if (over !== undefined) throw over;
        counts.requests++;
        return this.#options.server.ask(part, signal);
      }, signal);
      this.#failures = 0;
      const { promptTokens, completionTokens, isGuess } = costOf(first, answer);
      counts.promptTokens += promptTokens;
      counts.completionTokens += completionTokens;
      if (isGuess) counts.guessed += answer.samples.filter((sample) => sample !== undefined).length;
      return answer;
    } catch (error) {
      if (!(error instanceof RefusedChoices)) throw error;
      this.#goOneByOne(error.what);
      return undefined;
    }
  }

  #goOneByOne(reason: string): void {
    this.#together = 1;
    this.counts.oneByOne ??= reason;
  }

  #countFailure(failure: PassingFailure): void {
    if (++this.#failures < MOST_FAILURES) return;
    throw new PrmError({
      where: this.#options.server.address,
      what: `the server fails again and again: ${failure.what}`,
      remedy: 'See its log. What was paid for is kept: the same command goes on from there.',
      cause: failure,
    });
  }

  #overBudget(): OverBudget | undefined {
    const { requests, promptTokens, completionTokens } = this.counts;
    const { budget } = this.#options;
    if (requests >= budget.requests)
      return new OverBudget(`the budget of ${budget.requests} requests is used up`);
    if (promptTokens + completionTokens < budget.tokens) return undefined;
    return new OverBudget(`the budget of ${budget.tokens} tokens is used up`);
  }

  #keptMessage(): string {
    return `Stopped: ${this.#kept} of ${this.counts.wanted} samples are kept. The same command goes on from there.`;
  }
}

/** Others may still succeed. */
function isOfOneRequest(error: Error): boolean {
  return error instanceof OverBudget || error instanceof HopelessRequest || error instanceof PassingFailure;
}

function missingFor(request: ChatRequest, failure: Error): SamplerOutcome {
  if (failure instanceof OverBudget) return { request, missing: 'over-budget', reason: failure.message };
  const detail = failure instanceof HopelessRequest ? failure.detail : undefined;
  return { request, missing: 'failed', reason: failure.message, detail };
}

class OverBudget extends Error {}
