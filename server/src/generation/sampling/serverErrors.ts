// What can go wrong with a model server, sorted by what to do about it.
import { PrmError } from '../../support/errors.ts';

/** Asking again later may help: the server is busy, stumbled, or the connection broke. */
export class PassingFailure extends Error {
  /**
   * @param what for people
   * @param busy the server asked for less at a time
   * @param pause milliseconds that the server asked to wait, where it did
   */
  constructor(
    readonly what: string,
    readonly busy: boolean,
    readonly pause?: number,
  ) {
    super(what);
    this.name = 'PassingFailure';
  }
}

/** This one request cannot be answered, however often it is asked: its text is too long for the model. */
export class HopelessRequest extends Error {
  /**
   * @param what the same for all such requests
   * @param detail what the server said of this one
   */
  constructor(
    readonly what: string,
    readonly detail?: string,
  ) {
    super(what);
    this.name = 'HopelessRequest';
  }
}

/** The server does not give several choices at once, or not so many. */
export class RefusedChoices extends Error {
  constructor(readonly what: string) {
    super(what);
    this.name = 'RefusedChoices';
  }
}

/**
 * As vLLM ("maximum context length is 2048 tokens", "max_tokens must be at least 1, got -186"), llama.cpp ("exceeds the available
 * context size"), Ollama ("input length exceeds maximum context length") and OpenAI (`context_length_exceeded`) say it.
 */
const OVERFLOW =
  /context.{0,20}(length|window|size)|too many tokens|maximum.{0,20}tokens|exceeds? the available context|max_tokens must be at least 1, got -/i;
/** With status 400; with 404 the word alone will do. */
const UNKNOWN_MODEL =
  /model_not_found|(unknown|invalid|no such) model|model.{0,200}(not found|not exist|not loaded|unknown)/is;
const BUSY = new Set([429, 503]);
const STUMBLED = new Set([408, 425, 500, 502, 504]);
const MAX_SHOWN = 300;

/**
 * The failure that an answer's status means.
 * @param body as text; what it says is shown, cut to one line
 */
export function failureOf(
  { status, pause, body }: { status: number; pause: number | undefined; body: string },
  { address, model }: { address: string; model: string },
): PassingFailure | HopelessRequest | PrmError {
  const said = saidBy(body);
  const told = said === '' ? '' : `: ${said}`;
  if (BUSY.has(status)) return new PassingFailure(`the server is busy (${status})`, true, pause);
  if (STUMBLED.has(status)) return new PassingFailure(`the server failed (${status}${told})`, false, pause);
  if (status === 401 || status === 403) {
    return new PrmError({
      where: address,
      what: `the server refuses the key (${status}${told})`,
      remedy: 'Set PRM_API_KEY (or OPENAI_API_KEY) to a key of this server.',
    });
  }
  if ((status === 400 || status === 413 || status === 422) && OVERFLOW.test(body))
    return new HopelessRequest('too long for the model, with --max-tokens', said);
  if ((status === 404 && /model/i.test(body)) || (status === 400 && UNKNOWN_MODEL.test(body))) {
    return new PrmError({
      where: address,
      what: `the server has no model "${model}"${told}`,
      remedy: 'Give the name that the server uses as --model; its /models lists them.',
    });
  }
  if (status === 404) {
    return new PrmError({
      where: address,
      what: 'there is no chat completions API at this address (404)',
      remedy: 'Give the address that ends in /v1, such as http://127.0.0.1:8000/v1.',
    });
  }
  return new PrmError({
    where: address,
    what: `the server refuses the request (${status}${told})`,
    remedy: 'Change the settings that it names.',
  });
}

/** The message in a server's JSON error, or the beginning of its text. */
export function saidBy(body: string): string {
  let text = body;
  try {
    const parsed: unknown = JSON.parse(body);
    text = messageIn(parsed) ?? body;
  } catch {
    // Not JSON: the text itself is all there is to show.
  }
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

function messageIn(parsed: unknown): string | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  for (const key of ['error', 'message', 'detail']) {
    const value: unknown = Reflect.get(parsed, key);
    if (typeof value === 'string') return value;
    const inner = messageIn(value);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
