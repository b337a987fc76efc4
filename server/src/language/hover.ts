// Hovers: the row of a dataset under the cursor, and everything known about a scored step.
import { MarkupKind, type Hover } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Settings } from '../../../protocol/src/settings.ts';
import { findEquations, type Verdict } from '../models/arithmetic/index.ts';
import { escapeMarkdown, shortened } from './markdown.ts';
import { isSamePlace } from './inlayHints.ts';
import type { Region } from './region.ts';
import type { RowBook } from './rows/rowBook.ts';
import { describeRow, type HoveredRow } from './rows/rowHover.ts';
import { pathOfSteps, pathsOfRow, readStepsDocument, type LabelledPath } from './rows/stepLabels.ts';
import type { ScoreBook } from './scoreBook.ts';
import type { ScoredText, StepView } from './scoredText.ts';
import { contradicts, decimals, FAILS, HOLDS, judge } from './words.ts';
import type { Workplace } from './workplace.ts';

/** Equations of a step that a hover shows. */
const MOST_EQUATIONS = 12;
/** Characters of one explanation. */
const LONGEST_EXPLANATION = 300;

const VERDICT_MARKS: Record<Verdict, string> = { holds: HOLDS, fails: FAILS, unsure: '?' };

export function serveHover(workplace: Workplace, book: ScoreBook, rows: RowBook): void {
  workplace.connection.onHover(({ textDocument, position }): Hover | null => {
    const document = workplace.documents.get(textDocument.uri);
    if (document === undefined) return null;
    const offset = document.offsetAt(position);
    const labels = hoveredRow(document, rows, offset);
    const score = hoveredScore(document, book, offset);
    const place = score?.place ?? labels?.place;
    if (labels === undefined && score === undefined) return null;
    const parts = [
      ...(labels === undefined ? [] : [describeRow(labels.row)]),
      ...(score === undefined ? [] : [scoreText(score, labels, workplace.settings)]),
    ];
    if (labels !== undefined && score !== undefined && contradictsLabel(labels, score, workplace.settings)) {
      parts.push('**The model disagrees with the label.**');
    }
    return {
      contents: { kind: MarkupKind.Markdown, value: parts.join('\n\n---\n\n') },
      ...(place === undefined
        ? {}
        : { range: { start: document.positionAt(place.start), end: document.positionAt(place.end) } }),
    };
  });
}

interface HoveredLabels {
  row: HoveredRow;
  /** Of the step under the cursor. */
  place: Region | undefined;
}

interface HoveredScore {
  scored: ScoredText;
  step: StepView;
  stepCount: number;
  place: Region;
}

/** The equations of a step stand in its row already, where there is one. */
function scoreText(
  { scored, step, stepCount }: HoveredScore,
  labels: HoveredLabels | undefined,
  settings: Settings,
): string {
  return describeStep(scored, step, stepCount, settings, labels?.row.current === undefined);
}

function hoveredScore(document: TextDocument, book: ScoreBook, offset: number): HoveredScore | undefined {
  for (const entry of book.scored(document.uri)) {
    const { scored } = entry;
    const steps = entry.steps(document.getText());
    const step = steps.find(({ range }) => range.start <= offset && offset <= range.end);
    if (step === undefined) continue;
    return { scored, step, stepCount: steps.length, place: step.range };
  }
  return undefined;
}

/** The row, or the `.steps` document, under the cursor. */
function hoveredRow(document: TextDocument, book: RowBook, offset: number): HoveredLabels | undefined {
  const reading = readStepsDocument(document);
  if (reading !== undefined) {
    const path = pathOfSteps(reading);
    const current = stepAt(path, offset);
    // A document that is not labelled at all has nothing to tell here.
    if (current === undefined || path.trace.steps.every(({ label }) => label === 'unlabelled'))
      return undefined;
    return {
      row: { title: undefined, path, pathIndex: 0, pathCount: 1, current },
      place: path.places[current],
    };
  }
  const rows = book.get(document.uri);
  const { layout } = rows ?? {};
  if (rows === undefined || layout === undefined) return undefined;
  const [row] = rows.rowsIn({ start: offset, end: offset });
  const placed = row && rows.read(row);
  if (row === undefined || placed === undefined) return undefined;
  const paths = pathsOfRow(row, placed);
  const under = paths.findIndex((path) => stepAt(path, offset) !== undefined);
  const pathIndex = Math.max(under, 0);
  const path = paths[pathIndex];
  if (path === undefined) return undefined;
  const current = stepAt(path, offset);
  return {
    row: {
      title: `Row ${row.number}, ${layout.report.title}`,
      path,
      pathIndex,
      pathCount: paths.length,
      answer: placed.row.answer,
      current,
    },
    place: current === undefined ? undefined : path.places[current],
  };
}

function stepAt({ places }: LabelledPath, offset: number): number | undefined {
  const index = places.findIndex(
    (place) => place !== undefined && place.start <= offset && offset <= place.behind,
  );
  return index === -1 ? undefined : index;
}

function contradictsLabel(labels: HoveredLabels, score: HoveredScore, settings: Settings): boolean {
  const { path, current } = labels.row;
  const step = current === undefined ? undefined : path.trace.steps[current];
  if (step === undefined || labels.place === undefined || !isSamePlace(labels.place, score.place))
    return false;
  return contradicts(score.scored, score.step, step.label, settings['score.threshold']);
}

/** Markdown. Text of the document and of the model's files is escaped: it is data. */
export function describeStep(
  scored: ScoredText,
  step: StepView,
  stepCount: number,
  settings: Settings,
  withEquations = true,
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
  if (withEquations) paragraphs.push(...equationLines(step.text));
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
