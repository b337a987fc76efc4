// fetch that waits and asks again where a server is busy (429, 503) or stumbled (500, 502, 504), or drops the connection.
import { setTimeout } from 'node:timers/promises';
import { systemErrorCode } from '../errors.ts';

const BUSY = new Set([429, 500, 502, 503, 504]);
/**
 * What the loss of a connection is called before any answer came. A connection kept from an earlier request is often lost this
 * way: a server gives idle ones up after seconds, and a process that was busy for so long learns of it only by using it.
 */
const LOST = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const TRIES = 4;
/** Milliseconds before the second try; doubled for each further one. */
const FIRST_PAUSE = 500;
/** A server that asks for a longer pause is answered with a message instead, milliseconds. */
const LONGEST_PAUSE = 30_000;

/**
 * As `fetch`, for requests that may be sent twice; the last answer comes back whatever its status is.
 * @throws as `fetch`, and the signal's reason where it was aborted while waiting
 */
export async function patientFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetchAgainIfLost(input, init);
    if (!BUSY.has(response.status) || attempt === TRIES) return response;
    const pause = retryAfter(response.headers, Date.now()) ?? FIRST_PAUSE * 2 ** (attempt - 1);
    if (pause > LONGEST_PAUSE) return response;
    // An answer that is not read to its end keeps its connection.
    await response.body?.cancel();
    await setTimeout(pause, undefined, init.signal ? { signal: init.signal } : {});
  }
}

/** As `fetch`; a connection that is lost before the answer is replaced, once. */
async function fetchAgainIfLost(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(input, init);
  } catch (error) {
    if (!(error instanceof TypeError) || !LOST.has(systemErrorCode(error.cause) ?? '')) throw error;
    return fetch(input, init);
  }
}

/**
 * `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
 * @returns milliseconds, or undefined where the header is missing or no such value
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
