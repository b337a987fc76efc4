// A count that is one too many or one too few.
import { includesValue, type Calculation } from '../calculation.ts';
import { changedCalculation } from '../changedCalculation.ts';
import { firstThat, type Strategy } from '../corruption.ts';
import { isInFraction } from '../fractions.ts';

/** Nobody counts further and is off by one. */
const MOST = 100;

export const offByOne: Strategy = {
  name: 'off-by-one',
  title: 'a count of one too many or too few',
  corrupt(solution, random, consistent) {
    const { given, calculations, texts } = solution;
    return firstThat(calculations, random, (place) =>
      firstThat(place.calculation.operands, random, (operand) => {
        // What is counted comes from the problem; results have their own strategy.
        if (!Number.isInteger(operand.value) || operand.value < 2 || operand.value > MOST) return undefined;
        if (!includesValue(given, operand.value)) return undefined;
        const index = place.calculation.operands.indexOf(operand);
        if (isInFraction(place.calculation, index) || isMeasured(texts[place.step] ?? '', operand)) {
          return undefined;
        }
        const value = operand.value + (random.float() < 0.5 ? 1 : -1);
        // "1 boxes".
        if (value === 1) return undefined;
        return changedCalculation(
          solution,
          place,
          { operand: { index, value } },
          consistent ? 'carried' : 'computed',
        );
      }),
    );
  },
};

const BEFORE = /[$€£] ?$/;
const BEHIND = /^ ?(?:[%€£$]|percent|dollars?\b|cents?\b|[ap]\.?m\b)/;

/** Whether it is money, a percentage or a time of day: these are not counted. */
function isMeasured(text: string, { places }: Calculation['operands'][number]): boolean {
  return places.some(
    ({ start, end }) =>
      BEFORE.test(text.slice(Math.max(0, start - 2), start)) || BEHIND.test(text.slice(end, end + 8)),
  );
}
