// A step that was made already is made again.
import type { Strategy } from '../corruption.ts';

export const repeatedStep: Strategy = {
  name: 'repeat-step',
  title: 'a step made again without need',
  corrupt({ steps, answerStep }, random) {
    const last = (answerStep ?? steps.length) - 1;
    if (last < 0) return undefined;
    const step = random.int(0, last);
    const texts = steps.map(({ text }) => text);
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
