// Why a command refuses, told in its parts to the program that started it: a marked line on stderr, as for progress.
import { PrmError } from './errors.ts';

const MARK = 'prm-failure ';

export function failureText({ what, where, remedy }: PrmError): string {
  return `${MARK}${JSON.stringify({ what, where, remedy })}\n`;
}

/** What a line of stderr tells; undefined where it is of another kind. */
export function failureIn(line: string): PrmError | undefined {
  if (!line.startsWith(MARK)) return undefined;
  try {
    const { what, where, remedy } = JSON.parse(line.slice(MARK.length)) as Record<string, unknown>;
    if (typeof what !== 'string') return undefined;
    return new PrmError({
      what,
      ...(typeof where === 'string' ? { where } : {}),
      ...(typeof remedy === 'string' ? { remedy } : {}),
    });
  } catch {
    return undefined; // Cut short: the line for people behind it says the same.
  }
}
