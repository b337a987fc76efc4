// A refusal on its way from a command to the program that started it.
import { describe, expect, it } from 'vitest';
import { PrmError } from '../../../server/src/support/errors.ts';
import { failureIn, failureText } from '../../../server/src/support/toldFailure.ts';

describe('a failure that is told', () => {
  it('arrives in its parts, on one line', () => {
    const text = failureText(new PrmError({ what: 'it broke\nin two', where: 'a file', remedy: 'Mend it.' }));
    expect(text.trimEnd()).not.toContain('\n');
    expect(failureIn(text.trimEnd())).toMatchObject({
      what: 'it broke\nin two',
      where: 'a file',
      remedy: 'Mend it.',
    });
    expect(failureIn(failureText(new PrmError({ what: 'alone' })).trimEnd())?.message).toBe('alone.');
  });

  it('is not read out of other lines', () => {
    const others = ['prm: it broke.', 'prm-failure {"what":"it b', 'prm-failure 7', 'prm-failure {"what":7}'];
    expect(others.map(failureIn)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
