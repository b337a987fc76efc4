// What the model says about the whole path, and where it contradicts the labels.
import { html, nothing, type TemplateResult } from 'lit';
import { count, counted } from '../../ui/format.ts';
import type { TraceModel } from './model.ts';
import { agreement } from './scores.ts';

/** Steps that are named; the others are marked where they stand. */
const MOST_NAMED = 12;

/** @param go scrolls to a step, 1-based */
export function scoringView(model: TraceModel, go: (step: number) => void): TemplateResult {
  return html`<div class="scoring" role="status">${scoringText(model, go)}</div>`;
}

function scoringText({ scoring, scores, view }: TraceModel, go: (step: number) => void): unknown {
  if (scoring === 'running') return html`<vscode-progress-ring></vscode-progress-ring> Scoring…`;
  if (scoring !== 'no') return html`<span class="failure">Not scored: ${scoring.failed}</span>`;
  if (scores === undefined || view.trace === undefined) return nothing;
  const { compared, agreed, disagreeing } = agreement(view.trace.steps, scores);
  const partly = view.trace.steps.length < view.trace.totalSteps ? ' shown' : '';
  return html`<p>
    Scored by ${scores.model} on ${scores.device} in ${count(Math.round(scores.milliseconds))} ms, threshold
    ${scores.threshold.toFixed(2)}.
    ${
      compared === 0
        ? 'No step has a label to compare with.'
        : `Agrees with ${count(agreed)} of ${counted(compared, `labelled step${partly}`, `labelled steps${partly}`)}.`
    }
    ${
      disagreeing.length === 0
        ? nothing
        : html`Disagrees at
          ${disagreeing.slice(0, MOST_NAMED).map(
            (step) =>
              html`<button
                class="link"
                @click=${() => {
                  go(step);
                }}
              >
                step ${count(step)}
              </button> `,
          )}${disagreeing.length > MOST_NAMED ? `and ${count(disagreeing.length - MOST_NAMED)} more` : nothing}`
    }
  </p>`;
}
