import { describe, expect, it } from 'vitest';
import { wrongFinalAnswer } from '../../../../../server/src/generation/corruption/strategies/wrongFinalAnswer.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

/** The last step, of all corruptions. */
function answers(problem: string, steps: string[]): string[] {
  return corruptionsOf(wrongFinalAnswer, problem, steps, false).map(({ after }) => after ?? '');
}

describe('a wrong final answer', () => {
  it.each([
    ['the number of a step', ['7 * 16 = 112', '16. The sum is 112. That is the final answer.'], /^16\. /],
    [
      'what leads to a boxed answer',
      ['So the answer is $5+4+2=\\boxed{11}$.'],
      /\$5\+4\+2=\\boxed\{(?!11\})/,
    ],
    ['what the answer is for', ['So the answer is 5 hours for 3 people.'], /for 3 people/],
    ['the name of the unknown', ['So the answer is $x_2=6$.'], /\$x_2=(?!6\$)/],
  ])('leaves %s', (_, steps, pattern) => {
    const found = answers('There are 7 times 16, and 3 of 5.', steps);
    expect(found.length).toBeGreaterThan(0);
    for (const answer of found) expect(answer).toMatch(pattern);
  });

  it('is found behind A: and in a box', () => {
    expect(answers('How many are 7 and 9?', ['7 + 9 = <<7+9=16>>16', 'A: 16'])).toContain('A: 7');
    expect(answers('How many are 7 and 9?', ['7 + 9 = 16', '$\\boxed{16}$'])).toContain('$\\boxed{7}$');
  });

  it('is not the same in another unit, and not far off', () => {
    const steps = ['It takes 5 * 60 = <<5*60=300>>300 minutes.', '300 / 60 = <<300/60=5>>5 hours.', '#### 5'];
    const found = answers('It takes 5 times 60 minutes, and costs $4000.', steps);
    expect(found).not.toContain('#### 300');
    expect(found).not.toContain('#### 4000');
  });
});
