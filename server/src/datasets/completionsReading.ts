// Finds out what a dataset's `completions` are, steps of one solution or whole attempts, by a vote of its rows.
import type { Reading } from './layouts/layout.ts';
import type { StepwiseRow } from './layouts/trlStepwise.ts';

/** What was seen in rows with at least two completions, over the whole file. Counts are of rows, but for elements. */
export interface ReadingEvidence {
  /** Rows with at least two completions: the only ones that can tell. */
  rows: number;
  /** At least two completions give a final answer: each is a whole attempt. */
  severalAnswers: number;
  /** Only the last completion gives a final answer: together they are one solution. */
  answerOnlyAtEnd: number;
  /** Labels that turn from correct to incorrect once, at most, and stay. For people to see; it does not vote. */
  labelsFallOnce: number;
  elements: number;
  /** Completions with a line break inside. For people to see; it does not vote (steps may have several lines). */
  elementsWithLines: number;
  /** Rows that `prm` made, whose completions are steps whatever they say; not counted above. */
  madeAsSteps: number;
}

export interface ReadingChoice {
  reading: Reading;
  /** `fallback`: no row could tell, so `steps` was taken. */
  by: 'option' | 'vote' | 'fallback';
}

// `#### 72` (GSM8K), `A: 72` on a line of its own, "The answer is 72", \boxed{72}, `# Answer` (PRM800K).
const FINAL_ANSWER = /####|\\boxed|(?:^|\n)[ \t]*(?:A:|#[ \t]*answer)|\bthe (?:final )?answer is\b/i;

export class ReadingVote {
  readonly evidence: ReadingEvidence = {
    rows: 0,
    severalAnswers: 0,
    answerOnlyAtEnd: 0,
    labelsFallOnce: 0,
    elements: 0,
    elementsWithLines: 0,
    madeAsSteps: 0,
  };

  add({ completions, labels, isMade }: StepwiseRow): void {
    const { evidence } = this;
    if (isMade === true) evidence.madeAsSteps++;
    if (isMade === true || completions.length < 2) return;
    let answers = 0;
    for (const text of completions) {
      if (FINAL_ANSWER.test(text)) answers++;
      if (text.includes('\n')) evidence.elementsWithLines++;
    }
    evidence.rows++;
    evidence.elements += completions.length;
    if (answers >= 2) evidence.severalAnswers++;
    else if (answers === 1 && FINAL_ANSWER.test(completions.at(-1) ?? '')) evidence.answerOnlyAtEnd++;
    if (fallsOnce(labels)) evidence.labelsFallOnce++;
  }

  /** The reading with more rows behind it. */
  choice(): ReadingChoice {
    const { severalAnswers, answerOnlyAtEnd, madeAsSteps } = this.evidence;
    const forSteps = answerOnlyAtEnd + madeAsSteps;
    if (severalAnswers === 0 && forSteps === 0) return { reading: 'steps', by: 'fallback' };
    return { reading: severalAnswers > forSteps ? 'attempts' : 'steps', by: 'vote' };
  }
}

function fallsOnce(labels: StepwiseRow['labels']): boolean {
  const firstWrong = labels.indexOf('incorrect');
  return firstWrong < 0 || !labels.includes('correct', firstWrong);
}

/** The evidence in a few short lines. */
export function describeEvidence({
  rows,
  severalAnswers,
  answerOnlyAtEnd,
  madeAsSteps,
  ...rest
}: ReadingEvidence): string[] {
  const made = madeAsSteps > 0 ? [`${madeAsSteps.toLocaleString('en')} rows were made by prm, in steps`] : [];
  if (rows === 0) return made.length > 0 ? made : ['no row has two completions or more'];
  const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  return [
    ...made,
    `${rows.toLocaleString('en')} rows have two completions or more. A final answer stands`,
    `  in the last completion only: ${share(answerOnlyAtEnd, rows)} (steps of one solution)`,
    `  in two completions or more: ${share(severalAnswers, rows)} (whole attempts)`,
    `labels fall once and stay: ${share(rest.labelsFallOnce, rows)} of the rows; ` +
      `several lines: ${share(rest.elementsWithLines, rest.elements)} of the completions`,
  ];
}
