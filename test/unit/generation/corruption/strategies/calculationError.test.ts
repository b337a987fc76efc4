import { describe, expect, it } from 'vitest';
import { calculationError } from '../../../../../server/src/generation/corruption/strategies/calculationError.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

describe('a wrong result', () => {
  it('is also said where words of its step name it', () => {
    const steps = ['She pays $35 because 5 * 7 = <<5*7=35>>35', '#### 35'];
    const found = corruptionsOf(calculationError, 'She buys 5 for $7 each.', steps, false);
    expect(found.length).toBeGreaterThan(3);
    for (const { after } of found) expect(after).toMatch(/^She pays \$(\d+) because 5 \* 7 = <<5\*7=\1>>\1$/);
  });

  it('is never none or one of several: "1 years"', () => {
    const steps = ['The tree is 9 - 7 = <<9-7=2>>2 years old.', '#### 2'];
    for (const { after } of corruptionsOf(calculationError, 'It is 7 and 9 years.', steps, false))
      expect(after).not.toMatch(/=[01]>>/);
  });

  it('is no time of day', () => {
    const steps = ['They leave at 8:00 pm - 3 hours, which is 8-3 = <<8-3=5>>5:00 pm', '#### 5'];
    expect(corruptionsOf(calculationError, 'They leave 3 hours before 8:00 pm.', steps, false)).toEqual([]);
    const plain = ['Mark leaves at 11 a.m. - 2 hours = <<11-2=9>>9 a.m.', '#### 9'];
    expect(corruptionsOf(calculationError, 'He leaves 2 hours before 11 a.m.', plain, true)).toEqual([]);
  });
});
