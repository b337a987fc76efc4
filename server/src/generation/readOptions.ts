// What a command was told, checked: a value that cannot be is refused in words, by the name of its option.
import type { z } from 'zod';
import { PrmError } from '../support/errors.ts';

/** @throws PrmError that names the option */
export function readOptions<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const [name = ''] = issue?.path ?? [];
  throw new PrmError({
    where: `--${String(name).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    what: `the value cannot be used (${issue?.message ?? 'it is of another kind'})`,
    remedy: 'Give another one; --help tells what it is for.',
    cause: result.error,
  });
}
