// A model server that speaks the OpenAI-compatible chat API (vLLM, llama.cpp, Ollama and others), one sample a request, streamed.
// https://platform.openai.com/docs/api-reference/chat/streaming
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import { retryAfter } from '../../support/hub/patientFetch.ts';
import type { ChatRequest, ChatSample } from './chatRequest.ts';
import { failureOf, PassingFailure, saidBy } from './serverErrors.ts';

export interface ChatServerOptions {
  /** Base address, as OpenAI's clients take it: ends in /v1 for most servers. */
  address: string;
  /** Sent as a bearer token. */
  key?: string | undefined;
  /** Longest wait for the next piece of an answer, milliseconds. */
  patience: number;
}

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).optional(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  /** Some servers tell a failure inside of the stream. */
  error: z.unknown().optional(),
  usage: z
    .object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() })
    .nullish(),
});

const answerSchema = z.object({
  choices: z
    .array(
      z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }),
    )
    .min(1),
  usage: chunkSchema.shape.usage,
});

const DONE = '[DONE]';
/** An answer beyond this is no text that was asked for, in characters. */
const LONGEST_ANSWER = 4_000_000;

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
   * Asks for one sample.
   * @throws PassingFailure, HopelessRequest, or PrmError where no request of this kind can succeed; the signal's reason
   */
  async sample(request: ChatRequest, signal: AbortSignal): Promise<ChatSample> {
    const watch = new Watch(this.#patience, signal);
    try {
      return await this.#ask(request, watch);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (watch.tooLate) {
        throw new PassingFailure(`nothing came for ${Math.round(this.#patience / 1000)} s`, false);
      }
      throw error instanceof TypeError ? this.#connectionFailure(error) : error;
    } finally {
      watch.end();
    }
  }

  async #ask(request: ChatRequest, watch: Watch): Promise<ChatSample> {
    const { model, messages, settings, seed } = request;
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
        ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
      },
      body: JSON.stringify({
        model,
        messages,
        temperature: settings.temperature,
        top_p: settings.topP,
        max_tokens: settings.maxTokens,
        ...(settings.stop.length === 0 ? {} : { stop: settings.stop }),
        seed,
        stream: true,
        stream_options: { include_usage: true },
      }),
      signal: watch.signal,
    });
    watch.heard();
    if (!response.ok) {
      const pause = retryAfter(response.headers, Date.now());
      const body = (await response.text()).slice(0, 10_000);
      throw failureOf({ status: response.status, pause, body }, { address: this.address, model });
    }
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('text/event-stream')) return this.#streamed(response, watch);
    // Some servers do not stream, whatever they are asked.
    if (type.includes('application/json')) return whole(await response.text());
    throw new PrmError({
      where: this.address,
      what: `the server answers with ${type === '' ? 'no content type' : type.split(';', 1)[0]}, not with a chat completion`,
      remedy: 'Give the address of an OpenAI-compatible API; it mostly ends in /v1.',
    });
  }

  async #streamed(response: Response, watch: Watch): Promise<ChatSample> {
    const sample = { text: '', finish: undefined as string | undefined, usage: undefined as Usage };
    let done = false;
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data === DONE) done = true;
        if (done) return;
        const { choices, usage, error } = checked(chunkSchema, data);
        if (error != null) throw new PassingFailure(`the server failed: ${saidBy(data)}`, false);
        const [choice] = choices;
        sample.text += choice?.delta?.content ?? '';
        sample.finish = choice?.finish_reason ?? sample.finish;
        sample.usage = usage ?? sample.usage;
      },
    });
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      watch.heard();
      parser.feed(decoder.decode(bytes, { stream: true }));
      if (sample.text.length > LONGEST_ANSWER) throw new PassingFailure('the answer has no end', false);
      // Some servers leave the connection open behind the last word.
      if (done) break;
    }
    if (done) sample.finish ??= 'stop';
    // A connection that ends before the last chunk would pass for a short answer.
    if (sample.finish === undefined)
      throw new PassingFailure('the connection broke in the middle of an answer', false);
    return sampleOf(sample.text, sample.finish, sample.usage);
  }

  #connectionFailure(error: TypeError): Error {
    const code = systemErrorCode(error.cause);
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH' || code === 'EAI_AGAIN') {
      return new PrmError({
        where: this.address,
        what: `no server can be reached there (${code})`,
        remedy: 'Start the model server, or correct --server.',
        cause: error,
      });
    }
    return new PassingFailure(`the connection broke (${code ?? messageOf(error.cause ?? error)})`, false);
  }
}

type Usage = z.infer<typeof chunkSchema>['usage'];

function whole(text: string): ChatSample {
  const { choices, usage } = checked(answerSchema, text);
  const [choice] = choices;
  return sampleOf(choice?.message.content ?? '', choice?.finish_reason ?? 'stop', usage);
}

function sampleOf(text: string, finish: string, usage: Usage): ChatSample {
  return {
    text,
    finish,
    ...(usage == null
      ? {}
      : { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens }),
  };
}

function checked<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new PassingFailure(
      `the answer cannot be read (${messageOf(error).split('\n', 1)[0] ?? ''})`,
      false,
    );
  }
}

/** Ends a request when the caller wants it to, or when nothing has come for too long. */
class Watch {
  tooLate = false;
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(patience: number, outer: AbortSignal) {
    this.signal = AbortSignal.any([this.#controller.signal, outer]);
    this.#timer = setTimeout(() => {
      this.tooLate = true;
      this.#controller.abort();
    }, patience);
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** The key that the person has set; an empty variable is one that is not set. */
export function keyIn({ PRM_API_KEY, OPENAI_API_KEY }: NodeJS.ProcessEnv): string | undefined {
  return [PRM_API_KEY, OPENAI_API_KEY].find((key) => key !== undefined && key.trim() !== '');
}

/** @throws PrmError where it cannot stand in a header; it is never shown */
export function keyFrom(key: string | undefined): string | undefined {
  const trimmed = key?.trim() ?? '';
  if (trimmed === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new PrmError({
    where: 'PRM_API_KEY',
    what: 'the key holds spaces, line breaks or other characters that no key has',
    remedy: 'Set it again.',
  });
}

/**
 * @param path below the base address, without a slash before it
 * @throws PrmError where the address is none, or holds a secret
 */
export function endpointOf(address: string, path: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch (error) {
    throw invalidAddress(address, error);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalidAddress(address, undefined);
  // What is written into messages and reports must hold no secret; so it is not repeated here either.
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new PrmError({
      where: '--server',
      what: 'the address holds a user, a password or a query',
      remedy: 'Give the bare address, and the key in PRM_API_KEY.',
    });
  }
  return `${address.replace(/\/+$/, '')}/${path}`;
}

function invalidAddress(address: string, cause: unknown): PrmError {
  return new PrmError({
    where: '--server',
    what: `"${address}" is no address of a server`,
    remedy: 'Give one such as http://127.0.0.1:8000/v1.',
    cause,
  });
}
