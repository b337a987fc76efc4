// What a way of labelling steps is: one file each, listed in labelling/index.ts.
import type { Label } from '../../datasets/trace.ts';
import type { ChatMessage } from '../sampling/chatRequest.ts';

/** A solution whose steps are to be labelled. */
export interface UnlabelledSolution {
  problem: string;
  steps: readonly string[];
  /** Reference answer; undefined where the dataset has none. */
  answer: string | undefined;
}

/** Labels of all steps, or why the solution gets none. */
export type Labelling =
  | {
      labels: Label[];
      /** Share of continuations that came out right, by step; undefined where none was tried. */
      estimates?: (number | undefined)[];
    }
  | { without: string };

/** A model, as far as labelling needs one. */
export interface Asker {
  /**
   * Texts of `count` samples, in the order of their seeds; undefined where one of them could not be had: a share of fewer would look
   * like one of all.
   * @param role who is asked: with two models, the judge is not the one that continues solutions
   */
  ask(
    messages: readonly ChatMessage[],
    count: number,
    role: 'solver' | 'judge',
  ): Promise<string[] | undefined>;
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
  readonly name: string;
  /** For people, one line. */
  readonly title: string;
  readonly needsAnswer: boolean;
  readonly needsServer: boolean;
  /** The most samples that a solution of so many steps costs. */
  cost(steps: number, settings: LabelSettings): number;
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
