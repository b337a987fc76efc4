// Where a model server is and the key that it wants: checked before anything is sent, and never shown where they hold a secret.
import { PrmError } from '../../support/errors.ts';

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

/** What a server says without the key: some say it again where they refuse it. */
export function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined) return text;
  const written = JSON.stringify(key).slice(1, -1);
  return text.replaceAll(written, '•••').replaceAll(key, '•••');
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

/** Whether two addresses lead to the same program, by scheme, name and port; an address that is none does not. */
export function isSameHost(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function invalidAddress(address: string, cause: unknown): PrmError {
  return new PrmError({
    where: '--server',
    what: `"${address}" is no address of a server`,
    remedy: 'Give one such as http://127.0.0.1:8000/v1.',
    cause,
  });
}
