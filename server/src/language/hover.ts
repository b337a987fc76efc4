// Hovers: everything known about a scored step.
import { MarkupKind, type Hover } from 'vscode-languageserver/node';
import type { Settings } from '../../../protocol/src/settings.ts';
import { findEquations, type Verdict } from '../models/arithmetic/index.ts';
import { escapeMarkdown, shortened } from './markdown.ts';
import type { ScoreBook } from './scoreBook.ts';
import type { ScoredText, StepView } from './scoredText.ts';
import { decimals, FAILS, HOLDS, judge } from './words.ts';
import type { Workplace } from './workplace.ts';

/** Equations of a step that a hover shows. */
const MOST_EQUATIONS = 12;
/** Characters of one explanation. */
const LONGEST_EXPLANATION = 300;

const VERDICT_MARKS: Record<Verdict, string> = { holds: HOLDS, fails: FAILS, unsure: '?' };

export function serveHover(workplace: Workplace, book: ScoreBook): void {
  workplace.connection.onHover(({ textDocument, position }): Hover | null => {
    const document = workplace.documents.get(textDocument.uri);
    if (document === undefined) return null;
    const offset = document.offsetAt(position);
    for (const entry of book.scored(textDocument.uri)) {
      const steps = entry.steps(document.getText());
      const step = steps.find(({ range }) => range.start <= offset && offset <= range.end);
      if (step === undefined) continue;
      return {
        contents: {
          kind: MarkupKind.Markdown,
          value: describeStep(entry.scored, step, steps.length, workplace.settings),
        },
        range: { start: document.positionAt(step.range.start), end: document.positionAt(step.range.end) },
      };
    }
    return null;
  });
}

/** Markdown. Text of the document and of the model's files is escaped: it is data. */
export function describeStep(
  scored: ScoredText,
  step: StepView,
  stepCount: number,
  settings: Settings,
): string {
  const { score } = step;
  const paragraphs: string[] = [];
  if (score === undefined) {
    paragraphs.push(
      `**Step ${step.number} of ${stepCount}: not scored.** It came in after the scoring; score again.`,
    );
  } else {
    const { mark, label, threshold, isFirstDoubtful } = judge(scored, score, settings['score.threshold']);
    paragraphs.push(
      `**Step ${step.number} of ${stepCount}: ${mark} ${decimals(score.value, 4)}, ${label}**` +
        (isFirstDoubtful && !score.stale ? ' (first doubtful step)' : ''),
    );
    if (score.stale) {
      paragraphs.push(
        '*Stale: the problem, an earlier step or this step changed after the scoring. Score again.*',
      );
    }
    paragraphs.push(
      `Running minimum ${decimals(score.running.min, 4)}, running product ${decimals(score.running.product, 4)}, ` +
        `threshold ${decimals(threshold, 2)}`,
    );
  }
  paragraphs.push(...equationLines(step.text));
  if (score !== undefined) {
    const { model, milliseconds } = scored;
    paragraphs.push(`${escapeMarkdown(model.name)} on ${model.device}, ${milliseconds.toFixed(0)} ms`);
  }
  return paragraphs.join('\n\n');
}

function equationLines(text: string): string[] {
  const equations = findEquations(text);
  if (equations.length === 0) return [];
  const lines = equations
    .slice(0, MOST_EQUATIONS)
    .map(
      ({ verdict, explanation }) =>
        `- ${VERDICT_MARKS[verdict]} ${escapeMarkdown(shortened(explanation, LONGEST_EXPLANATION))}`,
    );
  const rest = equations.length - lines.length;
  if (rest > 0) lines.push(`- and ${rest} more`);
  return [`Equations:\n\n${lines.join('\n')}`];
}
