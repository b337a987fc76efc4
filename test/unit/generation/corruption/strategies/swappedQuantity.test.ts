import { describe, expect, it } from 'vitest';
import { swappedQuantity } from '../../../../../server/src/generation/corruption/strategies/swappedQuantity.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

describe('one number of the problem taken for another', () => {
  it('leaves no old result in the words of its step', () => {
    const found = corruptionsOf(
      swappedQuantity,
      'There are 35 students in class, but only 55 like donuts.',
      ['28 of them want one because 35 x .8 = <<35*.8=28>>28', '#### 28'],
      false,
    );
    expect(found.map(({ steps }) => steps)).toEqual([
      ['44 of them want one because 55 x .8 = <<55*.8=44>>44', '#### 28'],
    ]);
  });

  it('does not put one where more stood: 6 / 6 = 1 black beads', () => {
    const steps = ['Charley pulled out 90/6 = <<90/6=15>>15 black beads.', '#### 15'];
    const problem = 'Charley pulls out 1/6 of the 90 black beads, and 18 more.';
    const texts = corruptionsOf(swappedQuantity, problem, steps, false).map(({ after }) => after);
    expect(texts).not.toContain('Charley pulled out 6/6 = <<6/6=1>>1 black beads.');
    expect(texts).toContain('Charley pulled out 90/18 = <<90/18=5>>5 black beads.');
  });

  it.each([
    ['a number that its step names', 'If 15 boxes of 80 come, they get 15*80=<<15*80=1200>>1200.'],
    ['a half of a fraction', 'He painted 2/3*80=<<2/3*80=53.33>>53.33.'],
    ['a number that stands there already', '80 - 15 = <<80-15=65>>65 are left.'],
    ['one', '1 * 3 = <<1*3=3>>3'],
    ['what the problem says itself', 'By the fact that $15 + 65 = 80$ we find the rest.'],
  ])('leaves alone %s', (_, step) => {
    expect(
      corruptionsOf(swappedQuantity, 'There are 15 boxes of 80, and 65 boys.', [step, '#### 1'], false),
    ).toEqual([]);
  });

  it('takes nothing for something of quite another size', () => {
    const step = 'The 2 years have 2*12=<<2*12=24>>24 months.';
    expect(corruptionsOf(swappedQuantity, 'He pays $6,000 in 2 years.', [step], false)).toEqual([]);
  });
});
