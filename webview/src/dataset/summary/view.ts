// The summary view: what a dataset holds, in figures and distributions.
import { html, type TemplateResult } from 'lit';
import type { SummaryModel, SummaryWish } from './model.ts';

/**
 * What the dataset holds. The page draws it again whenever the model changes.
 * @param send called with what the user wants; the page acts on it and draws again
 */
export function summaryView(model: SummaryModel, send: (wish: SummaryWish) => void): TemplateResult {
  return html`<section class="summary" aria-labelledby="summary-title" tabindex="-1">
    <h2 id="summary-title">Summary</h2>
    <button
      @click=${() => {
        send({ type: 'run' });
      }}
    >
      Summarise
    </button>
    <p>${model.summary?.rows ?? 0} rows</p>
  </section>`;
}
