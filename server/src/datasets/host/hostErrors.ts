// Errors on their way from a dataset process to the language server: their class is lost, their parts are not.
// No zod here: parsing it would take longer than all else at the process's start.
import { ResponseError } from 'vscode-jsonrpc/node';
import { CancelledError, messageOf, PrmError, type PrmErrorParts } from '../../support/errors.ts';

/** Codes of answers that are errors: one with the parts of a PrmError, and LSP's own for cancelled work. */
const PRM_ERROR = 1;
export const CANCELLED = -32_800;

function partsOf({ what, where, remedy }: PrmError): PrmErrorParts {
  return { what, ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }) };
}

export function asAnswer(error: unknown): ResponseError<PrmErrorParts> {
  if (error instanceof CancelledError) return new ResponseError(CANCELLED, error.message);
  if (error instanceof PrmError) return new ResponseError(PRM_ERROR, error.message, partsOf(error));
  return new ResponseError(PRM_ERROR, messageOf(error), { what: messageOf(error).replace(/\.$/, '') });
}
