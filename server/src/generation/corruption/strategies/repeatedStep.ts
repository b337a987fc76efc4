// A step that was made already is made again.
import type { Strategy } from '../corruption.ts';

export const repeatedStep: Strategy = {
  name: 'repeat-step',
  title: 'a step made again without need',
  corrupt({ texts, answerStep }, random) {
    const last = (answerStep ?? texts.length) - 1;
    if (last < 0) return undefined;
    const step = random.int(0, last);
    const text = texts[step];
    if (text === undefined) return undefined;
    return {
      steps: texts.toSpliced(step + 1, 0, text),
      at: step + 1,
      before: null,
      after: text,
      consistent: false,
    };
  },
};
