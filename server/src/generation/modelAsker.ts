// Asks one or two models for texts, through one cache and one budget.
import type { Asker } from './labelling/labelMethod.ts';
import type { CompleteLabelOptions } from './labelOptions.ts';
import { cacheFolder } from './sampling/cacheFolder.ts';
import type { ChatMessage, ChatRequest } from './sampling/chatRequest.ts';
import { ChatServer, keyIn } from './sampling/chatServer.ts';
import { SampleCache } from './sampling/sampleCache.ts';
import { Sampler } from './sampling/sampler.ts';

export class ModelAsker {
  readonly sampler: Sampler;
  readonly #options: CompleteLabelOptions;

  /** @throws PrmError where an address is none */
  constructor(options: CompleteLabelOptions, environment: NodeJS.ProcessEnv, firstPause: number | undefined) {
    this.#options = options;
    const { server: address = '', model = '', judgeServer, timeout } = options;
    const key = keyIn(environment);
    const solver = new ChatServer({ address, key, patience: timeout * 1000 });
    const judge =
      judgeServer === undefined
        ? solver
        : new ChatServer({ address: judgeServer, key, patience: timeout * 1000 });
    const judgeModel = options.judgeModel ?? model;
    this.sampler = new Sampler({
      // The two are told apart by the model that a request names.
      server: {
        address,
        sample: (request, signal) =>
          (request.model === judgeModel && judgeServer !== undefined ? judge : solver).sample(
            request,
            signal,
          ),
      },
      cache: new SampleCache(cacheFolder(options.cacheDir, environment)),
      concurrency: options.concurrency,
      budget: { tokens: options.budgetTokens ?? Infinity, requests: options.budgetRequests ?? Infinity },
      renew: options.forceRegenerate,
      ...(firstPause === undefined ? {} : { firstPause }),
    });
  }

  /** Asks until the signal is aborted. */
  bound(signal: AbortSignal): Asker {
    return {
      ask: async (messages, count, role) => {
        const requests = Array.from({ length: count }, (_, sample) => this.#request(messages, sample, role));
        const outcomes = await Promise.all(requests.map((request) => this.sampler.ask(request, signal)));
        const texts = outcomes.flatMap((outcome) => ('sample' in outcome ? [outcome.sample.text] : []));
        return texts.length === count ? texts : undefined;
      },
    };
  }

  #request(messages: readonly ChatMessage[], sample: number, role: 'solver' | 'judge'): ChatRequest {
    const { model = '', judgeModel, seed, temperature, topP, maxTokens } = this.#options;
    return {
      model: role === 'judge' ? (judgeModel ?? model) : model,
      messages,
      settings: { temperature, topP, maxTokens, stop: [] },
      seed: (seed + sample) % 2 ** 31,
      sample,
    };
  }
}
