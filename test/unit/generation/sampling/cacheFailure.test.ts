// What is wrong with a cache folder, in words: also where cacache hides it.
import { expect, it } from 'vitest';
import { cacheFailure } from '../../../../server/src/generation/sampling/cacheFailure.ts';

const failure = (code: string, message: string): unknown =>
  cacheFailure('/cache', Object.assign(new Error(message), { code }));

it('says which failure it was, also where cacache has put another code over it', () => {
  const moved = "no space left on device, mkdir '/cache/content-v2'";
  expect(failure('EEXIST', `ENOSPC: ${moved}`)).toMatchObject({ what: 'the disk is full (ENOSPC)' });
  expect(failure('ENOSPC', `ENOSPC: ${moved}`)).toMatchObject({ what: 'the disk is full (ENOSPC)' });
  expect(failure('EEXIST', "EACCES: permission denied, rename 'a'")).toMatchObject({
    what: "the cache cannot be used (EACCES: permission denied, rename 'a')",
  });
  expect(failure('EEXIST', 'The destination file exists')).toMatchObject({
    what: 'the cache cannot be used (EEXIST: The destination file exists)',
  });
});

it('leaves what is no failure of the system as it is', () => {
  const other = new RangeError('a mistake in the program');
  expect(cacheFailure('/cache', other)).toBe(other);
});
