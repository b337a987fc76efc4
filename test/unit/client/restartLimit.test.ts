// How often a crashing server is started again.
import { expect, it } from 'vitest';
import { RestartLimit } from '../../../client/src/restartLimit.ts';

const MINUTE = 60_000;

it('starts a server again three times in three minutes, then not', () => {
  const limit = new RestartLimit();
  expect([0, 1, 2, 3].map((second) => limit.allows(second * 1000))).toEqual([true, true, true, false]);
  expect(limit.crashes).toBe(4);
});

it('forgets crashes that are long past', () => {
  const limit = new RestartLimit();
  expect([0, 2, 4, 6, 8].map((minute) => limit.allows(minute * MINUTE))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
});
