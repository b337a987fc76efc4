// The trace view: one row as a problem and its labelled steps.
import { html, type TemplateResult } from 'lit';
import type { TraceModel, TraceWish } from './model.ts';

/**
 * One row as a trace. The page draws it again whenever the model changes.
 * @param send called with what the user wants; the page acts on it and draws again
 */
export function traceView(model: TraceModel, send: (wish: TraceWish) => void): TemplateResult {
  const { view } = model;
  return html`<section class="trace" aria-labelledby="trace-title" tabindex="-1">
    <h2 id="trace-title">Row ${view.number}</h2>
    <button
      @click=${() => {
        send({ type: 'close' });
      }}
    >
      Close
    </button>
    <ol>
      ${view.trace?.steps.map((step) => html`<li>${step.label}: ${step.text}</li>`)}
    </ol>
  </section>`;
}
