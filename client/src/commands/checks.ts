// Complaints about what was typed; undefined where nothing is wrong with it.

/** Complains about a text that is empty. */
export function notEmpty(text: string): string | undefined {
  return text === '' ? 'This is needed.' : undefined;
}

export function positiveInteger(text: string): string | undefined {
  return /^[1-9]\d*$/.test(text) ? undefined : 'A whole number from 1 on is needed.';
}
