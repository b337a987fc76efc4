// Inlay hints: behind each step the dataset's label, and behind that a mark and the score of the model.
import { InlayHintKind, type InlayHint } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Settings } from '../../../protocol/src/settings.ts';
import type { Region } from './region.ts';
import type { RowBook } from './rows/rowBook.ts';
import { labelledSteps, type LabelledStep } from './rows/stepLabels.ts';
import type { ScoreBook } from './scoreBook.ts';
import type { ScoredText, StepView } from './scoredText.ts';
import { contradicts, decimals, describeLabel, judge, labelMark } from './words.ts';
import type { Workplace } from './workplace.ts';

/** Hints in one answer; a row can have 100,000 steps, and an editor shows some hundred hints of a line. */
const MOST_HINTS = 2000;

interface Hint {
  label: string;
  tooltip: string;
}

interface Scored {
  scored: ScoredText;
  step: StepView;
}

export function serveInlayHints(workplace: Workplace, scores: ScoreBook, rows: RowBook): void {
  workplace.connection.languages.inlayHint.on(({ textDocument, range }): InlayHint[] => {
    const document = workplace.documents.get(textDocument.uri);
    if (document === undefined) return [];
    const region = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
    const { settings } = workplace;
    const scored = settings['inlayHints.enabled'] ? scoredIn(document, scores, region) : [];
    const hints: InlayHint[] = [];
    const add = (offset: number, { label, tooltip }: Hint): void => {
      const position = document.positionAt(offset);
      hints.push({ position, label, tooltip, kind: InlayHintKind.Type, paddingLeft: true });
    };
    const labelled = settings['inlayHints.labels'] ? labelledSteps(document, rows, region) : [];
    const withLabel = new Set<Scored>();
    for (const step of labelled) {
      const own = scored.find(({ step: { range: place } }) => isSamePlace(place, step.place));
      if (own !== undefined) withLabel.add(own);
      const hint = labelHint(step, own, settings);
      if (hint !== undefined) add(step.place.behind, hint);
      if (hints.length === MOST_HINTS) break;
    }
    for (const each of scored) {
      if (!withLabel.has(each)) add(each.step.range.end, describeHint(each.scored, each.step, settings));
    }
    return hints;
  });
}

function scoredIn(document: TextDocument, book: ScoreBook, { start, end }: Region): Scored[] {
  return book.scored(document.uri).flatMap((entry) =>
    entry
      .steps(document.getText())
      .filter(({ range }) => range.end >= start && range.end <= end)
      .map((step) => ({ scored: entry.scored, step })),
  );
}

/** A score and a label that belong to one step: both readers see it at the same place. */
export function isSamePlace(one: Region, other: Region): boolean {
  return one.start === other.start || one.end === other.end;
}

/** `✗ ◀`, or with a score `✗ ◀ · ✓ 0.97 ≠`; undefined where there is neither a label nor a score. */
function labelHint(
  { path, index, step }: LabelledStep,
  own: Scored | undefined,
  settings: Settings,
): Hint | undefined {
  // Of other ways on from a step, each wrong one would be a first one.
  const isFirst = path.firstError === index && path.trace.alternativeAt === undefined;
  const mark = labelMark(step, isFirst);
  const score = own && describeHint(own.scored, own.step, settings);
  if (mark === '') return score;
  const place = isFirst ? ' It is the first incorrect step.' : '';
  const tooltip = `Step ${index + 1} of ${path.trace.steps.length} is labelled ${describeLabel(step)}.${place}`;
  if (own === undefined || score === undefined) return { label: mark, tooltip };
  const differs = contradicts(own.scored, own.step, step.label, settings['score.threshold']);
  return {
    label: `${mark} · ${score.label}${differs ? ' ≠' : ''}`,
    tooltip: `Label and score. ${tooltip} ${score.tooltip}${differs ? ' The model disagrees with the label.' : ''}`,
  };
}

/** A score's words: ` ✓ 0.97`, ` ✗ 0.08 ◀`, ` ✗ 0.08 (stale)`, ` ~ not scored`. The tooltip is plain text. */
export function describeHint(scored: ScoredText, step: StepView, settings: Settings): Hint {
  const { score } = step;
  if (score === undefined) {
    return {
      label: '~ not scored',
      tooltip: 'This step came in after the scoring. Score again to include it.',
    };
  }
  const { mark, label, isFirstDoubtful } = judge(scored, score, settings['score.threshold']);
  const value = decimals(score.value, 2);
  if (score.stale) {
    return {
      label: `${mark} ${value} (stale)`,
      tooltip: 'The problem, an earlier step or this step changed after the scoring. Score again.',
    };
  }
  const place = isFirstDoubtful ? ' First doubtful step.' : '';
  return {
    label: `${mark} ${value}${isFirstDoubtful ? ' ◀' : ''}`,
    tooltip: `Step ${step.number}: ${label}, with probability ${decimals(score.value, 4)} that it is correct.${place}`,
  };
}
