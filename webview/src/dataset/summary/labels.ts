// How the labels of a dataset are distributed: a bar, the figures, and what a model would score that always says the same.
import { html, nothing, type TemplateResult } from 'lit';
import { type DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import { STEP_LABELS } from '../../../../protocol/src/datasets.ts';
import { count, counted, portion } from '../../ui/format.ts';
import { LABEL_SIGNS } from '../../ui/labels.ts';
import type { SummaryWish } from './model.ts';

export function labelBalance(summary: DatasetSummary, send: (wish: SummaryWish) => void): TemplateResult {
  const { labels, softLabels, traces, tracesWithError } = summary;
  const all = STEP_LABELS.reduce((sum, label) => sum + labels[label], 0);
  const present = STEP_LABELS.filter((label) => labels[label] > 0);
  const share = (number: number) => (all === 0 ? null : number / all);
  return html`<section aria-labelledby="summary-labels">
    <h3 id="summary-labels">Labels</h3>
    <div
      class="balance"
      role="img"
      aria-label=${`Labels of ${counted(all, 'step')}: ${present
        .map((label) => `${label} ${portion(share(labels[label]))}`)
        .join(', ')}`}
    >
      ${present.map((label) => html`<span class=${label} style=${`flex-grow: ${labels[label]}`}></span>`)}
    </div>
    <ul class="legend">
      ${present.map(
        (label) =>
          html`<li>
            <button
              class="choice ${label}"
              aria-label=${`${label}: ${count(labels[label])}, ${portion(share(labels[label]))}. Show the rows`}
              @click=${() => {
                send({ type: 'filter', condition: { kind: 'label', label } });
              }}
            >
              <span class="swatch" aria-hidden="true">${LABEL_SIGNS[label]}</span> ${label}
              <strong>${count(labels[label])}</strong> ${portion(share(labels[label]))}
            </button>
          </li>`,
      )}
    </ul>
    ${majority(summary)}
    <p>
      ${
        traces === 0
          ? nothing
          : html`<button
              class="link"
              @click=${() => {
                send({ type: 'filter', condition: { kind: 'has-error', value: true } });
              }}
            >
              ${count(tracesWithError)} of ${counted(traces, 'path')} (${portion(tracesWithError / traces)})
              have a wrong step
            </button>`
      }
      ${softLabels === 0 ? nothing : html` ${counted(softLabels, 'step')} with a soft label.`}
    </p>
  </section>`;
}

/** Of the steps that say correct or incorrect. */
function majority({ labels: { correct, incorrect } }: DatasetSummary): TemplateResult | typeof nothing {
  const judged = correct + incorrect;
  if (judged === 0) return nothing;
  const word = correct >= incorrect ? 'correct' : 'incorrect';
  return html`<p>
    Majority class: to say “${word}” always is right for ${portion(Math.max(correct, incorrect) / judged)} of
    the ${count(judged)} steps labelled correct or incorrect.
  </p>`;
}
