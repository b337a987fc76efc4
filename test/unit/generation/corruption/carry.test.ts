import { describe, expect, it } from 'vitest';
import { carryOn } from '../../../../server/src/generation/corruption/carry.ts';
import { Revision } from '../../../../server/src/generation/corruption/revision.ts';
import { readSolution } from '../../../../server/src/generation/corruption/solution.ts';

/** The steps after the result of the first calculation became another, or false where that cannot be carried on. */
function carried(problem: string, steps: string[], result: number): string[] | false {
  const solution = readSolution(problem, steps);
  const [first] = solution.calculations;
  if (first === undefined) throw new Error('There is no calculation.');
  const revision = new Revision(solution);
  return carryOn(solution, revision, first, result) && revision.steps();
}

describe('an error that is carried on', () => {
  it('goes through words and calculations into the answer', () => {
    expect(
      carried(
        'Martha has 3 boxes of 5 pens and gives away 6.',
        [
          'She has 15 pens because 3 x 5 = <<3*5=15>>15',
          'Of 15 pens 15 - 6 = <<15-6=9>>9 are left.',
          '#### 9',
        ],
        18,
      ),
    ).toEqual([
      'She has 18 pens because 3 x 5 = <<3*5=18>>18',
      'Of 18 pens 18 - 6 = <<18-6=12>>12 are left.',
      '#### 12',
    ]);
  });

  // Each is a solution of GSM8K, shortened.
  it.each([
    [
      'a comparison, which would no longer hold',
      'Toby makes 400 rotations, his friend 4 x 101.',
      ['His friend gets 4 x 101 = <<4*101=404>>404', 'The winner makes 404 because 404 > 400', '#### 404'],
      202,
    ],
    [
      'a comparison in words',
      'Toby makes 400 rotations, his friend 4 x 101.',
      ['His friend gets 4 x 101 = <<4*101=404>>404', 'As 404 is more than 400, he makes 404', '#### 404'],
      202,
    ],
    [
      'an answer that follows in a way that is not written',
      'One needs 20*6 ounces, and a can has 16.',
      [
        'He needs 20*6 = <<20*6=120>>120 ounces.',
        '120/16 = <<120/16=7.5>>7.5 cans.',
        'So he needs 8 cans.',
        '#### 8',
      ],
      144,
    ],
    [
      'a number from nowhere, which may follow from it',
      'Tom lifts 80 kg and doubles it. 1/2 of that is added.',
      [
        'He holds 80*2=<<80*2=160>>160 kg',
        'In all that is 352 kg',
        'So 160 + 2 = <<160+2=162>>162',
        '#### 162',
      ],
      200,
    ],
    [
      'a percentage that goes on as a share',
      'Kelly weighs 15% less than Megan, who weighs 40 kg.',
      [
        'That is 100 - 15 = <<100-15=85>>85% of her weight.',
        'She weighs 40 x 0.85 = <<40*0.85=34>>34, which is 85%.',
        '#### 85',
      ],
      88,
    ],
    [
      'a number that words say',
      'There are 2 tables with 4 cats each, who eat 5 fish each.',
      ['There are 2 x 4 = <<2*4=8>>8 cats.', 'The eight cats eat 8 x 5 = <<8*5=40>>40 fish.', '#### 40'],
      9,
    ],
  ])('never goes over %s', (_, problem, steps, result) => {
    expect(carried(problem, steps, result)).toBe(false);
  });

  it('goes through no solution that is so long that it would take minutes', () => {
    const chain = (length: number): string[] =>
      Array.from({ length }, (_, n) => `Then ${200 + 13 * n} + 13 = ${213 + 13 * n} clips`);
    expect(carried('There are 200 and 13.', chain(100), 300)).toHaveLength(100);
    expect(carried('There are 200 and 13.', chain(1000), 300)).toBe(false);
  });
});
