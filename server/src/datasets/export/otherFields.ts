// Fields of a row that are no columns: a text file's columns are those of the rows at its beginning.
import type { Fields } from '../layouts/layout.ts';

const NONE: readonly string[] = [];

export function otherFields(fields: Fields, known: ReadonlySet<string>): readonly string[] {
  let others: string[] | undefined;
  for (const name in fields) {
    if (!known.has(name)) (others ??= []).push(name);
  }
  return others ?? NONE;
}
