import { describe, expect, it } from 'vitest';
import { findEquations } from '../../../../../server/src/models/arithmetic/index.ts';
import { kindOfResult } from '../../../../../server/src/generation/corruption/strategies/claims.ts';
import { readNumbers } from '../../../../../server/src/generation/corruption/calculation.ts';
import { unsupportedClaim } from '../../../../../server/src/generation/corruption/strategies/unsupportedClaim.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

const PROBLEM = 'Ann bakes 3 trays of 16 cookies and sells each for $5.';
const STEPS = [
  'She bakes 3 * 16 = <<3*16=48>>48 cookies.',
  'She gets 48 * $5 = $<<48*5=240>>240.',
  '#### 240',
];

describe('an unsupported claim', () => {
  it('says something about a result in the words of what it counts, and adds up', () => {
    const claims = corruptionsOf(unsupportedClaim, PROBLEM, STEPS, false);
    const things = claims.filter(({ at }) => at === 1).map(({ after }) => after ?? '');
    const money = claims.filter(({ at }) => at === 2).map(({ after }) => after ?? '');
    for (const claim of things) expect(claim).toMatch(/\d cookies\.$/);
    for (const claim of money) expect(claim).toMatch(/\$240 [+-] \$\d+ = \$<<240[+-]\d+=\d+>>\d+/);
    for (const claim of [...things, ...money])
      expect(findEquations(claim).map(({ verdict }) => verdict)).not.toContain('fails');
    const wordings = new Set([...things, ...money].map((claim) => claim.replace(/[\d+-]+/g, '#')));
    expect(wordings.size).toBeGreaterThan(10);
  });

  it('is carried on, behind a step that stays as it was', () => {
    const [claim] = corruptionsOf(unsupportedClaim, PROBLEM, STEPS, true).filter(({ at }) => at === 1);
    const left = Number(/=(\d+)>>/.exec(claim?.after ?? '')?.[1]);
    expect(claim?.steps).toEqual([
      STEPS[0],
      claim?.after,
      `She gets ${left} * $5 = $<<${left}*5=${5 * left}>>${5 * left}.`,
      `#### ${5 * left}`,
    ]);
  });

  it('takes no number that the problem or a step knows', () => {
    const known = 'There are 4 red and five blue ones, 6 and 7 green ones and 3 black ones, 2 of each.';
    const found = corruptionsOf(unsupportedClaim, known, ['So it is 2 * 6 = <<2*6=12>>12 ones.'], false);
    expect(found).toEqual([]);
  });

  it.each([
    ['a rate', 'He runs 3 * 4 = <<3*4=12>>12 miles per hour.', undefined],
    ['another one', 'It is 3 * 4 = $<<3*4=12>>12/hour.', undefined],
    ['money', 'It is 3 * 4 = $<<3*4=12>>12.', 'money'],
    ['a formula', 'So $3 * 4 = 12$.', 'plain'],
    ['time', 'It takes 3 * 4 = <<3*4=12>>12 minutes.', 'time'],
    ['two nouns', 'There are 3 * 4 = <<3*4=12>>12 cats and dogs.', 'plain'],
    ['no noun', 'She is 3 * 4 = <<3*4=12>>12 times as old.', 'plain'],
  ])('knows %s', (_, text, name) => {
    const result = readNumbers(text).calculations[0]?.result ?? expect.fail('no calculation');
    expect(kindOfResult(text, result)?.name).toBe(name);
  });
});
