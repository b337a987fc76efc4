// Inlay hints: a mark and the score behind each scored step.
import { InlayHintKind, type InlayHint } from 'vscode-languageserver/node';
import type { Settings } from '../../../protocol/src/settings.ts';
import type { ScoreBook } from './scoreBook.ts';
import type { ScoredText, StepView } from './scoredText.ts';
import { decimals, judge } from './words.ts';
import type { Workplace } from './workplace.ts';

export function serveInlayHints(workplace: Workplace, book: ScoreBook): void {
  workplace.connection.languages.inlayHint.on(({ textDocument, range }): InlayHint[] => {
    const document = workplace.documents.get(textDocument.uri);
    if (document === undefined || !workplace.settings['inlayHints.enabled']) return [];
    const from = document.offsetAt(range.start);
    const to = document.offsetAt(range.end);
    return book.scored(textDocument.uri).flatMap((entry) =>
      entry
        .steps(document.getText())
        .filter((step) => step.range.end >= from && step.range.end <= to)
        .map((step) => {
          const { label, tooltip } = describeHint(entry.scored, step, workplace.settings);
          return {
            position: document.positionAt(step.range.end),
            label,
            tooltip,
            kind: InlayHintKind.Type,
            paddingLeft: true,
          };
        }),
    );
  });
}

/** A hint's words: ` ✓ 0.97`, ` ✗ 0.08 ◀`, ` ✗ 0.08 (stale)`, ` ~ not scored`. The tooltip is plain text. */
export function describeHint(
  scored: ScoredText,
  step: StepView,
  settings: Settings,
): { label: string; tooltip: string } {
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
