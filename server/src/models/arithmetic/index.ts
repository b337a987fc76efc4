// Finds the equations in a text and evaluates them exactly. Used as evidence in a model's input and in hovers.

export type Verdict = 'holds' | 'fails' | 'unsure';

export interface Equation {
  /** UTF-16 offsets into the text; `text` is what lies between. */
  start: number;
  end: number;
  text: string;
  verdict: Verdict;
  /** One sentence for people. */
  explanation: string;
}

export function findEquations(_text: string): Equation[] {
  return [];
}
