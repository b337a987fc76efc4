// A trace that is longer than the model reads: whoever scores many of them leaves it out and counts it.
import { PrmError, type PrmErrorParts } from '../support/errors.ts';

export class TraceTooLongError extends PrmError {
  constructor(parts: PrmErrorParts) {
    super(parts);
    this.name = 'TraceTooLongError';
  }
}
