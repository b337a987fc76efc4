import { describe, expect, it } from 'vitest';
import { changedOperation } from '../../../../../server/src/generation/corruption/strategies/changedOperation.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

/** The changed step, of all corruptions. */
function after(problem: string, steps: string[], consistent = false): (string | null)[] {
  return corruptionsOf(changedOperation, problem, steps, consistent).map((corruption) => corruption.after);
}

describe('another operation', () => {
  it('leaves the stroke of a fraction and of a percentage', () => {
    const half = ['She paints 1/2 * 30 = <<1/2*30=15>>15 square feet.', '#### 15'];
    expect(after('She paints 1/2 of 30 square feet.', half, true)).toEqual([]);
    const texts = after('She paints 1/2 of 30 square feet.', half);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).toContain('1/2');
    const share = ['He saves 80 * 45 / 100 = $<<80*45/100=36>>36', '#### 36'];
    for (const text of after('He saves 45% of $80.', share)) expect(text).toContain('/ 100');
  });

  it('a sum becomes no product where that is far too large', () => {
    const steps = ['In all it costs $8000+$30000 = $<<8000+30000=38000>>38000', '#### 38000'];
    for (const text of after('A car costs $30000, a hotel $8000.', steps)) expect(text).not.toContain('*');
  });

  it('what would be true by itself keeps its result', () => {
    const steps = ['Three less than 102 is 102 - 3 = <<102-3=99>>99', '#### 99'];
    expect(after('Ann has 102 and Ben three less.', steps)).toEqual([
      'Three more than 102 is 102 + 3 = <<102+3=99>>99',
    ]);
  });

  it('a sum that is called one stays: the product of 7 and 10 is 70', () => {
    const steps = ['The sum of the weights is 7 + 10 = <<7+10=17>>17 pounds.', '#### 17'];
    expect(after('The cats weigh 7 and 10 pounds.', steps)).toEqual([]);
  });

  it('takes no sign of LaTeX for a word', () => {
    const steps = ['Then $4 \\times 12 = 48$.', 'The answer is $\\boxed{48}$.'];
    const texts = after('There are 4 and 12.', steps);
    expect(texts).toContain('Then $4 \\div 12 = 48$.');
    for (const text of texts) expect(text).toMatch(/^Then \$4 (?:\\div|\+) 12 = \d+\$\.$/);
  });

  it('changes no word that belongs to something else', () => {
    const steps = ['The remainder is what is left when 555/5=111 is divided by 5.', 'The answer is 1.'];
    for (const text of after('Express 555 in base 5.', steps)) expect(text).toMatch(/555\/5=111 is divided/);
    const party = ['All guests, including the plus ones, are 30 + 15 = <<30+15=45>>45', '#### 45'];
    for (const text of after('30 guests come, 15 bring one.', party)) expect(text).toContain('plus ones');
  });

  it('writes LaTeX where the sign was LaTeX', () => {
    const steps = ['If r is 7, then the next one is $41 \\cdot 7 = 287$.', 'The answer is 287.'];
    expect(after('Find the next one.', steps)).toContain(
      'If r is 7, then the next one is $41 \\div 7 = 287$.',
    );
  });
});
