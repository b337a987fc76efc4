import { describe, expect, it } from 'vitest';
import { offByOne } from '../../../../../server/src/generation/corruption/strategies/offByOne.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

describe('a count of one too many or too few', () => {
  it('counts no money, no percentages and nothing large', () => {
    const steps = [
      'Ann pays 3 * $12 = $<<3*12=36>>36 for pens.',
      'She has $500 - $36 = $<<500-36=464>>464 left.',
      'She walks 350 + 4 = <<350+4=354>>354 feet.',
      '#### 354',
    ];
    const found = corruptionsOf(offByOne, 'Ann has $500 and buys 3 for $12. 350 feet, then 4.', steps, false);
    expect(found.map(({ after }) => after).sort()).toEqual([
      'Ann pays 2 * $12 = $<<2*12=24>>24 for pens.',
      'Ann pays 4 * $12 = $<<4*12=48>>48 for pens.',
      'She walks 350 + 3 = <<350+3=353>>353 feet.',
      'She walks 350 + 5 = <<350+5=355>>355 feet.',
    ]);
  });

  it('never leaves one of several, nor 1/1 of a half', () => {
    const steps = [
      'They walk 350 * 1/2 = <<350*1/2=175>>175 miles in 2 * 7 = <<2*7=14>>14 days.',
      '#### 175',
    ];
    const found = corruptionsOf(offByOne, 'They walk 1/2 of 350 miles, 2 times 7.', steps, false);
    expect(found.length).toBeGreaterThan(0);
    for (const { after } of found) {
      expect(after).toContain('1/2');
      expect(after).not.toContain('1 * 7');
    }
  });
});
