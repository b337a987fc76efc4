// Errors on their way to the editor: one response error with the parts of a PrmError and the remedies as actions.
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { Failure, RemedyAction } from '../../../protocol/src/requests.ts';
import { CancelledError, messageOf, PrmError } from '../support/errors.ts';

/** A PrmError whose remedy is a button in the editor. */
export class ActionableError extends PrmError {
  readonly actions: RemedyAction[];

  constructor(failure: Failure) {
    super(failure);
    this.actions = failure.actions;
  }
}

/** What the command line does by an option or a variable that its remedy names, and the editor by a button. */
const OWN_REMEDIES: readonly { option: string; remedy: string; action: RemedyAction }[] = [
  {
    option: '--overwrite',
    remedy: 'Choose another output folder, or overwrite what is there.',
    action: 'overwrite',
  },
  { option: 'PRM_API_KEY', remedy: 'Set the key of this server.', action: 'setKey' },
];

export function failureOf(error: unknown): Failure {
  if (!(error instanceof PrmError)) {
    return { what: messageOf(error).replace(/\.$/, ''), actions: ['showOutput'] };
  }
  const { what } = error;
  // The command line's options are no words for the editor, whose buttons do the same.
  const where = /^(--|PRM_)/.test(error.where ?? '') ? undefined : error.where;
  const own = OWN_REMEDIES.find(({ option }) => `${error.where} ${error.remedy}`.includes(option));
  const remedy = own?.remedy ?? error.remedy;
  const actions: RemedyAction[] = error instanceof ActionableError ? error.actions : [];
  return {
    what,
    ...(where === undefined ? {} : { where }),
    ...(remedy === undefined ? {} : { remedy }),
    actions: own === undefined ? actions : [own.action, ...actions],
  };
}

/** The answer to a request that failed or was stopped; what was not expected goes to the log whole. */
export function asResponseError(error: unknown, log: (text: string) => void): ResponseError<Failure> {
  if (error instanceof CancelledError) {
    return new ResponseError<Failure>(LSPErrorCodes.RequestCancelled, error.message);
  }
  if (!(error instanceof PrmError))
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return new ResponseError(LSPErrorCodes.RequestFailed, messageOf(error), failureOf(error));
}

/** Nothing is executed, written or loaded as a model for a workspace that the user does not trust. */
export function requireTrust(trusted: boolean, what: string): void {
  if (trusted) return;
  throw new ActionableError({
    what: `${what} needs a trusted workspace`,
    remedy: 'Trust this workspace first.',
    actions: ['manageTrust'],
  });
}
