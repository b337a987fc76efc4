// The page's requests to the language server: numbered, carried by the extension, each answered once or given up.
import type { FromDatasetPage, ToDatasetPage } from '../../../protocol/src/datasetPage.ts';
import type { RequestName } from '../../../protocol/src/requests.ts';

/** What the server said instead of an answer, for people. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Whether an error says that nobody waits for the answer any more. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** What went wrong, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The extension adds which dataset is meant. */
type Asked<Params> = Omit<Params, 'dataset' | 'workDoneToken'>;

export interface AskOptions {
  /** Gives the question up: the server is told, and the promise rejects at once. */
  signal?: AbortSignal;
  /** How far the work has come, 0 to 1; only a summary says so. */
  onProgress?: (share: number) => void;
}

export interface Server {
  /**
   * Resolves with the server's answer.
   * @throws {Refusal} with the server's reason; a DOMException `AbortError` when it was given up
   */
  ask<Params, Result>(
    request: RequestName<Params, Result>,
    params: Asked<Params>,
    options?: AskOptions,
  ): Promise<Result>;
  /** Takes what the extension brings back. */
  receive(message: Extract<ToDatasetPage, { type: 'answer' | 'refused' | 'progress' }>): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(reason: Error): void;
  progress: ((share: number) => void) | undefined;
}

export function connectServer(post: (message: FromDatasetPage) => void): Server {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  return {
    ask<Params, Result>(
      request: RequestName<Params, Result>,
      params: Asked<Params>,
      { signal, onProgress }: AskOptions = {},
    ): Promise<Result> {
      if (signal?.aborted === true) return Promise.reject(givenUp());
      const id = ++last;
      return new Promise<Result>((resolve, reject) => {
        const cancel = () => {
          if (!waiting.delete(id)) return;
          post({ type: 'cancel', id });
          reject(givenUp());
        };
        waiting.set(id, {
          resolve: (result) => {
            signal?.removeEventListener('abort', cancel);
            // The extension only carries what the server answered to this very request.
            resolve(result as Result);
          },
          reject: (reason) => {
            signal?.removeEventListener('abort', cancel);
            reject(reason);
          },
          progress: onProgress,
        });
        signal?.addEventListener('abort', cancel, { once: true });
        post({ type: 'ask', id, method: request.method, params: { ...params } });
      });
    },
    receive(message) {
      const question = waiting.get(message.id);
      // An answer that crossed its own cancellation.
      if (question === undefined) return;
      if (message.type === 'progress') {
        question.progress?.(message.share);
        return;
      }
      waiting.delete(message.id);
      if (message.type === 'answer') question.resolve(message.result);
      else question.reject(message.cancelled ? givenUp() : new Refusal(message.message));
    },
  };
}

function givenUp(): DOMException {
  return new DOMException('Given up.', 'AbortError');
}
