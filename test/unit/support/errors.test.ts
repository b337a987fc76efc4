// PrmError: one line that says where, what and what to do.
import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  messageOf,
  PrmError,
  systemErrorCode,
  throwIfCancelled,
} from '../../../server/src/support/errors.ts';

describe('PrmError', () => {
  it('says where, what and what to do, in this order', () => {
    const error = new PrmError({ what: 'Row 7 has no labels', where: 'a.jsonl', remedy: 'Add them.' });
    expect(error.message).toBe('a.jsonl: Row 7 has no labels. Add them.');
  });

  it('leaves out what is not known', () => {
    expect(new PrmError({ what: 'Nothing to score' }).message).toBe('Nothing to score.');
  });

  it('keeps the cause', () => {
    const cause = new Error('inner');
    expect(new PrmError({ what: 'Outer', cause }).cause).toBe(cause);
  });
});

describe('throwIfCancelled', () => {
  it('throws only when the signal was aborted', () => {
    const controller = new AbortController();
    throwIfCancelled(undefined);
    throwIfCancelled(controller.signal);
    controller.abort();
    expect(() => throwIfCancelled(controller.signal)).toThrow(CancelledError);
  });
});

describe('what was thrown', () => {
  it('has a message whatever it is', () => {
    expect(messageOf(new Error('a'))).toBe('a');
    expect(messageOf('b')).toBe('b');
  });

  it('has a code where the system gave one', () => {
    expect(systemErrorCode(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toBe('ENOSPC');
    expect(systemErrorCode(new Error('x'))).toBeUndefined();
    expect(systemErrorCode('ENOSPC')).toBeUndefined();
  });
});
