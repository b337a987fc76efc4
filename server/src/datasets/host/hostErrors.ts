// Errors on their way between the language server and a dataset process: their class is lost, their parts are not.
import { ResponseError } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import { CancelledError, messageOf, PrmError, type PrmErrorParts } from '../../support/errors.ts';

/** Codes of answers that are errors: one with the parts of a PrmError, and LSP's own for cancelled work. */
const PRM_ERROR = 1;
const CANCELLED = -32_800;

const partsSchema: z.ZodType<PrmErrorParts> = z.object({
  what: z.string(),
  where: z.string().exactOptional(),
  remedy: z.string().exactOptional(),
});

export function partsOf({ what, where, remedy }: PrmError): PrmErrorParts {
  return { what, ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }) };
}

export function asAnswer(error: unknown): ResponseError<PrmErrorParts> {
  if (error instanceof CancelledError) return new ResponseError(CANCELLED, error.message);
  if (error instanceof PrmError) return new ResponseError(PRM_ERROR, error.message, partsOf(error));
  return new ResponseError(PRM_ERROR, messageOf(error), { what: messageOf(error).replace(/\.$/, '') });
}

/** The error that an answer carries; undefined where the other side has not answered (its process ended). */
export function fromAnswer(error: unknown): Error | undefined {
  if (!(error instanceof ResponseError)) return undefined;
  if (error.code === CANCELLED) return new CancelledError();
  const parts = partsSchema.safeParse(error.data);
  return parts.success ? new PrmError(parts.data) : undefined;
}
