// What a way of labelling steps is: one file each, listed in labelling/index.ts.
import type { LabelMethodName } from '../../../../protocol/src/generation.ts';
import type { Label } from '../../datasets/trace.ts';
import type { ChatMessage, ChatSample } from '../sampling/chatRequest.ts';

/** A solution whose steps are to be labelled. */
export interface UnlabelledSolution {
  problem: string;
  steps: readonly string[];
  /** Reference answer; undefined where the dataset has none. */
  answer: string | undefined;
  /** Leaves another path of its row, and may end before the answer. */
  isBranch?: boolean | undefined;
  /** Was cut at a limit of tokens. */
  isCut?: boolean | undefined;
}

/** Why a solution gets no labels. */
export interface Without {
  /** The same for all solutions of its kind. */
  without: string;
  /** What is only of this one, such as what a server said. */
  detail?: string | undefined;
  /** An answer is missing that was not asked for, or was not to be had; left out where the answers themselves give no labels. */
  missing?: 'over-budget' | 'failed';
}

/** Labels of all steps, or why the solution gets none. */
export type Labelling =
  | {
      labels: Label[];
      /** Share of continuations that came out right, by step; undefined where none was tried. */
      estimates?: (number | undefined)[];
    }
  | Without;

export type Answer = Pick<ChatSample, 'text' | 'finish'>;

/** A model, as far as labelling needs one. */
export interface Asker {
  /**
   * `count` answers, in the order of their seeds; none where one of them could not be had: a share of fewer would look like one of all.
   * @param role who is asked: with two models, the judge is not the one that continues solutions
   */
  ask(
    messages: readonly ChatMessage[],
    count: number,
    role: 'solver' | 'judge',
  ): Promise<{ answers: Answer[] } | Without>;
}

export interface LabelSettings {
  /** Continuations tried from each step. */
  rollouts: number;
  /** From every step, or a binary search for the first wrong one. */
  search: 'every' | 'binary';
  /** What the judge is asked, several times where it is not sure. */
  votes: number;
}

export interface LabelMethod {
  readonly name: LabelMethodName;
  /** For people, one line. */
  readonly title: string;
  readonly needsAnswer: boolean;
  readonly needsServer: boolean;
  /** Whether it estimates shares, beside its verdicts. */
  readonly estimates: boolean;
  /** The most answers that the solution costs. */
  cost(solution: UnlabelledSolution, settings: LabelSettings): number;
  label(solution: UnlabelledSolution, settings: LabelSettings, asker: Asker): Promise<Labelling>;
}

/** Steps before the first wrong one are correct, it is incorrect, and of those behind it nothing is known. */
export function labelsUpTo(firstWrong: number | undefined, steps: number): Label[] {
  return Array.from({ length: steps }, (_, step) =>
    firstWrong === undefined || step < firstWrong
      ? 'correct'
      : step === firstWrong
        ? 'incorrect'
        : 'unlabelled',
  );
}
