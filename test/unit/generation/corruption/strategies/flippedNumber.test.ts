import { describe, expect, it } from 'vitest';
import { flippedNumber } from '../../../../../server/src/generation/corruption/strategies/flippedNumber.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

describe('a number copied wrong', () => {
  it('leaves three fifths less than a whole: nobody has 6/5 of the people', () => {
    const found = corruptionsOf(
      flippedNumber,
      'In a house of 15, 3/5 of the people eat pizza.',
      ['The number of people eating pizza is 3/5*15 = <<3/5*15=9>>9 people.', '#### 9'],
      false,
    );
    const fractions = found.map(({ after }) =>
      /(\d+)\/(\d+)\*/
        .exec(after ?? '')
        ?.slice(1)
        .map(Number),
    );
    expect(fractions.length).toBeGreaterThan(5);
    for (const [over = 0, under = 0] of fractions.map((pair) => pair ?? [])) expect(over).toBeLessThan(under);
  });

  it('leaves the hundred of a percentage', () => {
    const found = corruptionsOf(
      flippedNumber,
      'Cara has 60 marbles, 15 of them blue. What is the share in percent?',
      ['The share is 15 / 60 * 100 = <<15/60*100=25>>25%', '#### 25'],
      true,
    );
    expect(found.length).toBeGreaterThan(0);
    for (const { after } of found) expect(after).toContain('* 100 =');
  });

  it('keeps the cents of a price', () => {
    const found = corruptionsOf(
      flippedNumber,
      'Tickets cost $2.00 each. They sold 25.',
      ['They sold 25 tickets at $2.00 so 25*2 = $<<25*2=50.00>>50.00', '#### 50'],
      true,
    );
    expect(found.length).toBeGreaterThan(0);
    for (const { after } of found) expect(after).toMatch(/=(\d+\.00)>>\1$/);
  });

  it('a lone or formal equation keeps its result: 17 * 6 = 102 is true', () => {
    const lone = ['Yes, 100 * 99 = 9900.', 'So it is 9901.', '#### 9901'];
    for (const { after } of corruptionsOf(flippedNumber, 'Compute 99 * 99 + 99 + 1.', lone, false))
      expect(after).toMatch(/= 9900\.$/);
    const formal = ['We use the fact that $17 \\cdot 5 = 85$.', 'So the inverse is 5.'];
    const found = corruptionsOf(flippedNumber, 'Find the inverse of 17 modulo 83.', formal, false);
    expect(found.length).toBeGreaterThan(0);
    for (const { after } of found) expect(after).toMatch(/= 85\$/);
  });
});
