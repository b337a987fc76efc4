// What a `prm` command tells of its progress, as LSP work-done progress: the bar, how far it is, what it cost, the time left.
import type { WithProgress } from '../../../protocol/src/requests.ts';
import type { ToldProgress } from '../support/toldProgress.ts';
import { duration } from '../training/trainText.ts';
import type { Workplace } from './workplace.ts';

interface Reported {
  /** For the client that shows no title of its own. */
  title: string;
  /** The part that moves the bar, where others come before it: VS Code's bar never goes back. */
  longPart?: string;
}

/** Does the work under the token that the client gave, if any. */
export async function withReport<Result>(
  { connection }: Workplace,
  { title, longPart }: Reported,
  { workDoneToken: token }: WithProgress,
  work: (onProgress?: (progress: ToldProgress) => void) => Promise<Result>,
): Promise<Result> {
  if (token === undefined) return work();
  const reporter = connection.window.attachWorkDoneProgress(token);
  reporter.begin(title, undefined, undefined, true);
  try {
    return await work((progress) => {
      const { title: part, done, total } = progress;
      if (total === null || total === 0 || (longPart !== undefined && part !== longPart)) {
        reporter.report(part);
      } else {
        reporter.report(Math.floor((100 * done) / total), describe(progress));
      }
    });
  } finally {
    reporter.done();
  }
}

/** `Sampling: 120 of 400, 12 from the cache, 8,000 tokens, 3 min left` */
export function describe({ title, done, total, note, secondsLeft }: ToldProgress): string {
  return [
    total === null || total === 0 ? title : `${title}: ${countOf(done, total)}`,
    ...(note === '' ? [] : [note]),
    ...(secondsLeft === null || done === total ? [] : [`${duration(secondsLeft)} left`]),
  ].join(', ');
}

/** Work that only knows its share counts to 100. */
function countOf(done: number, total: number): string {
  if (total === 100) return `${Math.floor(done)} %`;
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`;
}
