// The progress of a command, told to the program that started it: marked lines on stderr, where a variable asks for them.

/** Set to 1 by who wants to be told. */
export const TELL_PROGRESS = 'PRM_TELL_PROGRESS';

const MARK = 'prm-progress ';

export interface ToldProgress {
  /** What is done: "Scoring". */
  title: string;
  done: number;
  /** Null: not known. */
  total: number | null;
  /** Null: not known yet. */
  secondsLeft: number | null;
  /** Anything else to show, such as a rate and what was paid; empty where there is nothing. */
  note: string;
}

export function progressText(progress: ToldProgress): string {
  return `${MARK}${JSON.stringify(progress)}\n`;
}

/** What a line of stderr tells; undefined where it is of another kind. */
export function progressIn(line: string): ToldProgress | undefined {
  if (!line.startsWith(MARK)) return undefined;
  try {
    const { title, done, total, secondsLeft, note } = JSON.parse(line.slice(MARK.length)) as Partial<
      Record<keyof ToldProgress, unknown>
    >;
    const isTold = typeof title === 'string' && typeof done === 'number';
    return isTold
      ? {
          title,
          done,
          total: typeof total === 'number' ? total : null,
          secondsLeft: typeof secondsLeft === 'number' ? secondsLeft : null,
          note: typeof note === 'string' ? note : '',
        }
      : undefined;
  } catch {
    return undefined; // Cut short: the next line tells more.
  }
}
