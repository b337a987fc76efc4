// The models that a server offers: `GET /models` of the OpenAI-compatible API.
// https://platform.openai.com/docs/api-reference/models/list
import { z } from 'zod';
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import { textOf } from './boundedText.ts';
import { endpointOf, keyFrom, withoutKey } from './serverAddress.ts';
import { failureOf, PassingFailure } from './serverErrors.ts';

const answerSchema = z.object({ data: z.array(z.object({ id: z.string().min(1) })) });

/** What servers without this list answer. */
const NO_LIST = new Set([404, 405, 501]);
/** A list is short; what is longer is none. In bytes. */
const LONGEST_ANSWER = 10_000_000;

interface ListOptions {
  /** Base address, as OpenAI's clients take it. */
  address: string;
  /** Sent as a bearer token. */
  key?: string | undefined;
  /** Longest wait for the whole answer, milliseconds. */
  patience: number;
  signal: AbortSignal;
}

/**
 * @returns their names in the order of the alphabet; empty where the server keeps no list
 * @throws PrmError where the address is none, the server cannot be reached, wants another key, or answers something else; the
 *   signal's reason
 */
export async function listModels({ address, key, patience, signal }: ListOptions): Promise<string[]> {
  const url = endpointOf(address, 'models');
  const token = keyFrom(key);
  const tooLate = AbortSignal.timeout(patience);
  try {
    const response = await fetch(url, {
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      // Followed, the key would go to whoever is named.
      redirect: 'manual',
      signal: AbortSignal.any([signal, tooLate]),
    });
    const { text } = await textOf(response, LONGEST_ANSWER);
    if (NO_LIST.has(response.status)) return [];
    if (!response.ok) throw refusal(address, response.status, withoutKey(text, token));
    return namesIn(address, text);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof PrmError) throw error;
    const reason = tooLate.aborted
      ? `no answer within ${Math.round(patience / 1000)} s`
      : (systemErrorCode(causeOf(error)) ?? messageOf(error));
    throw new PrmError({
      where: address,
      what: `no model server can be reached there (${reason})`,
      remedy: 'Start the server, or correct its address.',
      cause: error,
    });
  }
}

/** What `fetch` says is wrong lies behind its error. */
function causeOf(error: unknown): unknown {
  return error instanceof TypeError ? error.cause : error;
}

function namesIn(address: string, body: string): string[] {
  try {
    const { data } = answerSchema.parse(JSON.parse(body));
    return [...new Set(data.map(({ id }) => id))].sort((a, b) => a.localeCompare(b));
  } catch (error) {
    throw new PrmError({
      where: address,
      what: 'what answers there is no OpenAI-compatible API: its list of models cannot be read',
      remedy: 'Give the address of the API; it mostly ends in /v1.',
      cause: error,
    });
  }
}

function refusal(address: string, status: number, body: string): PrmError {
  if (status >= 300 && status < 400) {
    return new PrmError({
      where: address,
      what: `the server sends on to another address (${status})`,
      remedy: 'Give that address, if it is the right one: nothing is sent to another server unasked.',
    });
  }
  const failure = failureOf(
    { status, pause: undefined, body: body.slice(0, 10_000) },
    { address, model: '' },
  );
  if (failure instanceof PrmError) return failure;
  const what =
    failure instanceof PassingFailure ? failure.what : `the server refuses the request (${status})`;
  return new PrmError({ where: address, what, remedy: 'Wait a little and ask again.', cause: failure });
}
