// A model server that speaks the OpenAI-compatible chat API (vLLM, llama.cpp, Ollama and others): asks for samples, streamed.
// https://platform.openai.com/docs/api-reference/chat
import { createParser } from 'eventsource-parser';
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import { retryAfter } from '../../support/hub/patientFetch.ts';
import { textOf } from './boundedText.ts';
import type { ChatRequest } from './chatRequest.ts';
import { endpointOf, keyFrom, withoutKey } from './serverAddress.ts';
import { AnswerCollector, longestText, type ServerAnswer } from './serverAnswer.ts';
import { failureOf, HopelessRequest, PassingFailure, RefusedChoices } from './serverErrors.ts';

export interface ChatServerOptions {
  /** Base address, as OpenAI's clients take it: ends in /v1 for most servers. */
  address: string;
  /** Sent as a bearer token. */
  key?: string | undefined;
  /** Longest wait for the next piece of an answer, milliseconds; signs of life without content do not count as one. */
  patience: number;
}

/** What has come of an event that has no end yet, in characters; no server sends an event of more than a token or a whole answer. */
const MAX_EVENT = 8_000_000;
/** Codes of an address at which nobody answers, now or a moment later. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);
/** More of a refusal than anybody reads, in bytes. */
const MAX_REFUSAL = 10_000;
/** Characters of a text as JSON, at most: `\u0000`. */
const JSON_ESCAPE = 6;
/** What surrounds the texts of a whole answer, in bytes. */
const ENVELOPE = 1_000_000;

export class ChatServer {
  readonly address: string;
  readonly #url: string;
  readonly #key: string | undefined;
  readonly #patience: number;

  /** @throws PrmError where the address is none */
  constructor({ address, key, patience }: ChatServerOptions) {
    this.address = address;
    this.#url = endpointOf(address, 'chat/completions');
    this.#key = keyFrom(key);
    this.#patience = patience;
  }

  /**
   * Asks for one sample, or for several of the same prompt at once.
   * @param requests alike but for seed and sample number, at least one; the first one's seed is sent
   * @returns their samples in this order, as far as the server gave them, at least one
   * @throws PassingFailure, HopelessRequest, RefusedChoices, or PrmError where no request of this kind can succeed; the signal's
   *   reason
   */
  async ask(requests: readonly ChatRequest[], signal: AbortSignal): Promise<ServerAnswer> {
    const watch = new Watch(this.#patience, signal);
    try {
      return await this.#ask(requests, watch);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (watch.tooLate) {
        throw new PassingFailure(
          `nothing came for ${Number((this.#patience / 1000).toPrecision(3))} s`,
          false,
        );
      }
      throw error instanceof TypeError ? this.#connectionFailure(error) : error;
    } finally {
      watch.end();
    }
  }

  async #ask(requests: readonly ChatRequest[], watch: Watch): Promise<ServerAnswer> {
    const [request] = requests;
    if (request === undefined) throw new RangeError('There is nothing to ask for.');
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
        ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
      },
      body: bodyOf(request, requests.length),
      // Followed, a POST may become a GET, and the key would go to whoever is named.
      redirect: 'manual',
      signal: watch.signal,
    });
    watch.heard();
    if (!response.ok) throw await this.#refusal(response, request, requests.length);
    const { maxTokens } = request.settings;
    const collector = new AnswerCollector(requests.length, maxTokens);
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('text/event-stream')) {
      await collectStream(response, collector, watch).catch((error: unknown) => {
        // Choices that came to their end before are paid for, and whole.
        if (!collector.hasSome || (watch.signal.aborted && !watch.tooLate)) throw error;
      });
    }
    // Some servers do not stream, whatever they are asked.
    else if (type.includes('application/json')) {
      const most = ENVELOPE + 2 * JSON_ESCAPE * requests.length * longestText(maxTokens);
      const { text, isWhole } = await textOf(response, most, () => {
        watch.heard();
      });
      if (!isWhole) throw new HopelessRequest('the answer has no end');
      collector.takeWhole(text);
    } else throw this.#otherContent(type);
    return collector.end();
  }

  async #refusal(response: Response, { model }: ChatRequest, count: number): Promise<Error> {
    const { status, headers } = response;
    const location = headers.get('location');
    const { text } = await textOf(response, MAX_REFUSAL);
    const body = withoutKey(text, this.#key);
    if (location !== null && status >= 300 && status < 400) {
      return new PrmError({
        where: this.address,
        what: `the server sends on to ${baseOf(location, this.#url)} (${status})`,
        remedy:
          'Give that address as --server, if it is the right one: nothing is sent to another server unasked.',
      });
    }
    const pause = retryAfter(headers, Date.now());
    const failure = failureOf({ status, pause, body }, { address: this.address, model });
    // Perhaps it is the number of choices: whether it is, shows when one is asked for.
    const isRefused = (status === 400 || status === 422) && failure instanceof PrmError;
    return count > 1 && isRefused ? new RefusedChoices(failure.what) : failure;
  }

  #otherContent(type: string): PrmError {
    return new PrmError({
      where: this.address,
      what: `the server answers with ${type === '' ? 'no content type' : type.split(';', 1)[0]}, not with a chat completion`,
      remedy: 'Give the address of an OpenAI-compatible API; it mostly ends in /v1.',
    });
  }

  #connectionFailure(error: TypeError): Error {
    const code = systemErrorCode(error.cause);
    // What `fetch` says of a port that it never asks, such as 6000 or 10080: https://fetch.spec.whatwg.org/#port-blocking
    const isBlocked = messageOf(error.cause) === 'bad port';
    if (isBlocked || (code !== undefined && UNREACHABLE.has(code))) {
      return new PrmError({
        where: this.address,
        what: `no server can be reached there (${isBlocked ? 'a port that HTTP clients refuse' : code})`,
        remedy: 'Start the model server, or correct --server.',
        cause: error,
      });
    }
    return new PassingFailure(`the connection broke (${code ?? messageOf(error.cause ?? error)})`, false);
  }
}

function bodyOf({ model, messages, settings, seed }: ChatRequest, count: number): string {
  return JSON.stringify({
    model,
    messages,
    temperature: settings.temperature,
    top_p: settings.topP,
    max_tokens: settings.maxTokens,
    ...(settings.stop.length === 0 ? {} : { stop: settings.stop }),
    ...(count === 1 ? {} : { n: count }),
    seed,
    stream: true,
    stream_options: { include_usage: true },
  });
}

/** @throws PassingFailure where the stream cannot be read */
async function collectStream(response: Response, collector: AnswerCollector, watch: Watch): Promise<void> {
  const parser = createParser({
    maxBufferSize: MAX_EVENT,
    onEvent: ({ data }) => {
      if (collector.take(data)) watch.heard();
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded')
        throw new PassingFailure('a line of the answer has no end', false);
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    // Some servers leave the connection open behind the last word, others never come to it.
    if (collector.isComplete) break;
  }
}

/** Where a redirection leads to, as --server takes it. */
function baseOf(location: string, from: string): string {
  if (!URL.canParse(location, from)) return 'an address that is none';
  const { origin, pathname } = new URL(location, from);
  return `${origin}${pathname.replace(/\/chat\/completions\/?$/, '')}`;
}

/** Ends a request when the caller wants it to, or when nothing has come for too long. */
class Watch {
  tooLate = false;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  // Not AbortSignal.any: what it makes stays with a signal that lives as long as the run.
  readonly #stop = (): void => {
    this.#controller.abort(this.#outer.reason);
  };

  constructor(patience: number, outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#stop();
    outer.addEventListener('abort', this.#stop);
    this.#timer = setTimeout(() => {
      this.tooLate = true;
      this.#controller.abort();
    }, patience);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#stop);
  }
}
