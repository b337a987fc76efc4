// Asks one or two models for texts, through one cache and one budget.
import type { Answer, Asker, Without } from './labelling/labelMethod.ts';
import type { CompleteLabelOptions } from './labelOptions.ts';
import { cacheFolder } from './sampling/cacheFolder.ts';
import type { ChatMessage, ChatRequest } from './sampling/chatRequest.ts';
import { ChatServer } from './sampling/chatServer.ts';
import { SampleCache } from './sampling/sampleCache.ts';
import { Sampler, type SamplerOutcome } from './sampling/sampler.ts';
import { isSameHost, keyIn } from './sampling/serverAddress.ts';

/** For methods that ask nobody. */
export const NOBODY: Asker = {
  ask: () => Promise.reject(new Error('This method asks nobody.')),
};

export class ModelAsker {
  readonly sampler: Sampler;
  /** Where answers are kept. */
  readonly folder: string;
  readonly cache: SampleCache;
  readonly #options: CompleteLabelOptions;

  /** @throws PrmError where an address is none */
  constructor(options: CompleteLabelOptions, environment: NodeJS.ProcessEnv, firstPause: number | undefined) {
    this.#options = options;
    this.folder = cacheFolder(options.cacheDir, environment);
    this.cache = new SampleCache(this.folder);
    this.sampler = new Sampler({
      server: serverOf(options, environment),
      cache: this.cache,
      concurrency: options.concurrency,
      samplesPerRequest: options.samplesPerRequest,
      budget: { tokens: options.budgetTokens ?? Infinity, requests: options.budgetRequests ?? Infinity },
      renew: options.forceRegenerate,
      ...(firstPause === undefined ? {} : { firstPause }),
    });
  }

  /**
   * Asks until the signal is aborted.
   * @param onAnswer called for each answer that came, or will not come
   */
  bound(signal: AbortSignal, onAnswer: () => void): Asker {
    return {
      ask: async (messages, count, role) => {
        const requests = this.#requests(messages, count, role);
        return answersOf(await this.sampler.askAll(requests, signal, onAnswer), role);
      },
    };
  }

  /** Asks nobody but the cache. @param onLook told at each question how many of its answers are there, and how many it wants */
  kept(onLook: (known: number, wanted: number) => void): Asker {
    return {
      ask: async (messages, count, role) => {
        const requests = this.#requests(messages, count, role);
        const found = await this.cache.getAll(requests);
        onLook(found.size, count);
        if (found.size < count) return { without: 'not kept' };
        return { answers: requests.flatMap((request) => found.get(request) ?? []) };
      },
    };
  }

  #requests(messages: readonly ChatMessage[], count: number, role: 'solver' | 'judge'): ChatRequest[] {
    const { model = '', judgeModel = model, seed, temperature, topP, maxTokens } = this.#options;
    return Array.from({ length: count }, (_, sample) => ({
      model: role === 'judge' ? judgeModel : model,
      messages,
      settings: { temperature, topP, maxTokens, stop: [] },
      seed: (seed + sample) % 2 ** 31,
      sample,
    }));
  }
}

const NOT_HAD = {
  solver: 'roll-outs that could not be had',
  judge: 'verdicts that could not be had',
} as const;

function answersOf(
  outcomes: readonly SamplerOutcome[],
  role: 'solver' | 'judge',
): { answers: Answer[] } | Without {
  const answers: Answer[] = [];
  for (const outcome of outcomes) {
    if ('sample' in outcome) answers.push(outcome.sample);
    else if (outcome.missing === 'over-budget') return { without: outcome.reason, missing: 'over-budget' };
    else return { without: NOT_HAD[role], missing: 'failed', detail: outcome.detail ?? outcome.reason };
  }
  return { answers };
}

/** Where the judge is a server of its own, the two are told apart by the model that a request names. */
function serverOf(
  { server: address = '', judgeServer, judgeModel, timeout }: CompleteLabelOptions,
  environment: NodeJS.ProcessEnv,
): Pick<ChatServer, 'ask' | 'address'> {
  const patience = timeout * 1000;
  const key = keyIn(environment);
  const solver = new ChatServer({ address, key, patience });
  if (judgeServer === undefined) return solver;
  // A key is shown to nobody else than whom it is for: another host gets none but its own.
  const shared = isSameHost(address, judgeServer) ? key : undefined;
  const judgeKey = environment.PRM_JUDGE_API_KEY ?? shared;
  const judge = new ChatServer({ address: judgeServer, key: judgeKey, patience });
  return {
    address,
    ask: (requests, signal) => (requests[0]?.model === judgeModel ? judge : solver).ask(requests, signal),
  };
}
