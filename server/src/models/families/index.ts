// The table of families. A new family is one file and one line here.
import { PrmError } from '../../support/errors.ts';
import type { Family } from './family.ts';
import { mini } from './mini.ts';
import { trl } from './trl.ts';

const FAMILIES: readonly Family[] = [mini, trl];

/** @throws PrmError where no family has that name */
export function familyOf(name: string): Family {
  const family = FAMILIES.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  throw new PrmError({
    what: `There is no model family "${name}"`,
    remedy: `Families: ${FAMILIES.map((candidate) => candidate.name).join(', ')}.`,
  });
}
