// What went wrong with the Hub, in words that say what to do.
import { HubApiError } from '@huggingface/hub';
import { CancelledError, messageOf, PrmError, systemErrorCode } from '../errors.ts';
import type { RepositoryKind } from './hubCache.ts';
import type { HubSettings } from './hubSettings.ts';

/** What was asked for, as errors name it. */
export interface Asked {
  /** As the person wrote it. */
  where: string;
  kind: RepositoryKind;
  /** How to go on without the Hub, a sentence. */
  locally: string;
  /** What the name may have meant, a sentence. */
  suggestion?: string;
}

const LOCAL_FORM: Readonly<Record<RepositoryKind, string>> = {
  dataset: 'A local file is given by its path.',
  model: 'A local folder is given by its path.',
};

/** fetch reports every failure of the network as a TypeError with the reason as its cause. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.cause !== undefined;
}

/** @returns the error to throw; the one given where it says enough, or is not the Hub's */
export function hubFailure(error: unknown, asked: Asked, { endpoint, token }: HubSettings): unknown {
  const { where, locally } = asked;
  if (error instanceof PrmError || error instanceof CancelledError) return error;
  if (error instanceof HubApiError) return refusedByHub(error, asked, token);
  if (isUnreachable(error)) {
    const cause = (error as TypeError).cause;
    const what = `the Hub cannot be reached at ${endpoint} (${systemErrorCode(cause) ?? messageOf(cause)})`;
    return new PrmError({ where, what, remedy: locally, cause: error });
  }
  if (error instanceof TypeError) {
    return new PrmError({
      where: 'HF_TOKEN',
      what: messageOf(error),
      remedy: 'Correct or unset it.',
      cause: error,
    });
  }
  if (systemErrorCode(error) === undefined) {
    return new PrmError({
      where,
      what: messageOf(error),
      remedy: 'Run the command again to go on.',
      cause: error,
    });
  }
  return error;
}

function refusedByHub(
  error: HubApiError,
  { where, kind, locally, suggestion }: Asked,
  token: string | undefined,
): PrmError {
  const { statusCode } = error;
  if (statusCode === 401 || statusCode === 403 || statusCode === 404) {
    // Without a token the Hub answers 401 for what does not exist too.
    return new PrmError({
      where,
      what: `the Hub has no such ${kind} or revision, or it is private or gated (status ${statusCode})`,
      remedy: [
        ...(suggestion === undefined ? [] : [suggestion]),
        token === undefined
          ? `Check the id; for a private or gated ${kind} set HF_TOKEN.`
          : 'Check the id, and that the token in HF_TOKEN may read it.',
        LOCAL_FORM[kind],
      ].join(' '),
      cause: error,
    });
  }
  const busy = statusCode === 429 ? ', too many requests' : '';
  const remedy =
    statusCode === 429
      ? `Try again in a few minutes; with a token in HF_TOKEN the Hub allows more. ${locally}`
      : `Try again later. ${locally}`;
  return new PrmError({
    where,
    what: `the Hub answered with status ${statusCode}${busy}`,
    remedy,
    cause: error,
  });
}
