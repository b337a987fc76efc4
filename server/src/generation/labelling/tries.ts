// Roll-outs of one solution: continuations from a step, and the share of them that reaches the reference answer.
import { answerOf, sameAnswer, statedAnswer } from '../answers.ts';
import type { ChatMessage } from '../sampling/chatRequest.ts';
import type { Answer, Asker, UnlabelledSolution, Without } from './labelMethod.ts';

/** The continuations of one solution. */
export class Tries {
  /** By step; undefined where none was tried. */
  readonly estimates: (number | undefined)[];
  /** 1 or 0 where the last step states an answer, which is right or not; else undefined. */
  readonly stated: number | undefined;
  readonly #solution: UnlabelledSolution;
  readonly #count: number;
  readonly #asker: Asker;

  constructor(solution: UnlabelledSolution, count: number, asker: Asker) {
    this.#solution = solution;
    this.#count = count;
    this.#asker = asker;
    this.stated = statedShare(solution);
    this.estimates = solution.steps.map(() => undefined);
  }

  /** Share of continuations from the step on that come out right; the last step's own answer needs none. */
  async at(step: number): Promise<number | Without> {
    const { steps } = this.#solution;
    const share =
      step === steps.length - 1 && this.stated !== undefined
        ? this.stated
        : await this.#shareBehind(steps.slice(0, step + 1));
    if (typeof share === 'number') this.estimates[step] = share;
    return share;
  }

  /**
   * No continuation from the first step came out right: that step is only to blame if the problem can be solved without it
   * (OmegaPRM leaves such problems out as well).
   * @returns why there can be no label
   */
  async failureOfProblem(): Promise<Without | undefined> {
    if (this.#solution.steps.length === 1 && this.stated !== undefined) return undefined;
    const share = await this.#shareBehind([]);
    if (typeof share !== 'number') return share;
    return share > 0 ? undefined : { without: 'a problem that no roll-out solves' };
  }

  async #shareBehind(sofar: readonly string[]): Promise<number | Without> {
    const { problem, answer = '' } = this.#solution;
    const asked = await this.#asker.ask(continuationMessages(problem, sofar), this.#count, 'solver');
    if ('without' in asked) return asked;
    const right = asked.answers.filter((one) => reaches(one, answer));
    return right.length / asked.answers.length;
  }
}

/** What the answer that the last step states says of it: 1 or 0; undefined where it states none. */
export function statedShare({ steps, answer = '' }: UnlabelledSolution): number | undefined {
  const stated = statedAnswer(steps.at(-1) ?? '');
  return stated === undefined ? undefined : sameAnswer(stated, answer) ? 1 : 0;
}

const ANSWER_LINE = /^[ \t]*####[ \t]*\S[^\n]*/m;

function reaches({ text, finish }: Answer, answer: string): boolean {
  // Behind the line with the answer, small models go on with problems of their own.
  const line = ANSWER_LINE.exec(text);
  const solution = line === null ? text : text.slice(0, line.index + line[0].length);
  const given = answerOf(solution, finish);
  return given !== undefined && sameAnswer(given, answer);
}

const FORM =
  'Write each further step on a line of its own, and the final answer alone on the last line, behind "#### ".';
const CONTINUE = `You are given a problem and the first steps of its solution. Go on from exactly there; take the given steps as they are and do not repeat them. ${FORM}`;
const BEGIN = `You are given a problem. Solve it step by step. ${FORM}`;

function continuationMessages(problem: string, steps: readonly string[]): ChatMessage[] {
  const begun = steps.length === 0 ? '' : `\n\nFirst steps:\n${steps.join('\n')}`;
  return [
    { role: 'system', content: steps.length === 0 ? BEGIN : CONTINUE },
    { role: 'user', content: `Problem:\n${problem}${begun}` },
  ];
}
