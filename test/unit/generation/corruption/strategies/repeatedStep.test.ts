import { describe, expect, it } from 'vitest';
import { repeatedStep } from '../../../../../server/src/generation/corruption/strategies/repeatedStep.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

const PROBLEM = 'Johann had 60 oranges and ate 13. Then half of the rest and 1 more were stolen.';
const STEPS = [
  'After that there were 60 - 14 = <<60-14=46>>46 oranges.',
  'Half of them are 46 / 2 = <<46/2=23>>23 oranges.',
  '#### 23',
];

describe('a repeated step', () => {
  it('is said again right behind or later, before the answer', () => {
    const found = corruptionsOf(repeatedStep, PROBLEM, STEPS, false);
    const [first, second, answer] = STEPS;
    expect(found.map(({ steps }) => steps).sort()).toEqual(
      [
        [first, first, second, answer],
        [first, second, first, answer],
        [first, second, second, answer],
      ].sort(),
    );
    for (const { steps, at, before, after } of found) {
      expect(steps.indexOf(after ?? '')).toBeLessThan(at);
      expect(steps[at]).toBe(after);
      expect(before).toBeNull();
    }
  });

  it('is done again to its own result, and the rest goes on with that', () => {
    expect(corruptionsOf(repeatedStep, PROBLEM, STEPS, true)).toContainEqual({
      steps: [
        'After that there were 60 - 14 = <<60-14=46>>46 oranges.',
        'After that there were 46 - 14 = <<46-14=32>>32 oranges.',
        'Half of them are 32 / 2 = <<32/2=16>>16 oranges.',
        '#### 16',
      ],
      at: 1,
      before: null,
      after: 'After that there were 46 - 14 = <<46-14=32>>32 oranges.',
      consistent: true,
    });
  });

  it('is not done again where its words say what it starts from, or where the result is out of all proportion', () => {
    const said = ['Of the 60 oranges, 60 - 14 = <<60-14=46>>46 are left.', '#### 46'];
    expect(corruptionsOf(repeatedStep, PROBLEM, said, true)).toEqual([]);
    const large = ['They need 25 * 75 = <<25*75=1875>>1875 doors.', '#### 1875'];
    expect(corruptionsOf(repeatedStep, PROBLEM, large, true)).toEqual([]);
  });

  it('takes no headings and nothing that stands twice already', () => {
    const twice = ['In the morning:', '2 + 3 = 5 cups of tea', 'In the evening:', '2 + 3 = 5 cups of tea'];
    expect(corruptionsOf(repeatedStep, PROBLEM, twice, false)).toEqual([]);
  });
});
