// The head of the trace view: which row and path this is, and what can be done with it.
import { html, nothing, type TemplateResult } from 'lit';
import type { TraceView } from '../../../../protocol/src/datasets.ts';
import { actionButton, type Action } from '../../ui/action.ts';
import { count } from '../../ui/format.ts';
import { KEYS } from './keys.ts';
import type { TraceModel, TraceWish } from './model.ts';

type Send = (wish: TraceWish) => void;

function button(words: string, wish: TraceWish, send: Send, more: Partial<Action> = {}): TemplateResult {
  return actionButton({
    words,
    act: () => {
      send(wish);
    },
    ...more,
  });
}

export function traceBar(model: TraceModel, send: Send): TemplateResult {
  const { view } = model;
  const readable = view.trace !== undefined;
  return html`<header>
    <div class="bar">
      <h2 id="trace-title">Row ${count(view.number)}</h2>
      ${button('Previous row', { type: 'previous' }, send, { key: KEYS.previous, possible: model.hasPrevious })}
      ${button('Next row', { type: 'next' }, send, { key: KEYS.next, possible: model.hasNext })}
      ${button('Close', { type: 'close' }, send, { key: KEYS.close })}
      <span class="loading" role="status">${model.loading === true ? 'Loading…' : nothing}</span>
    </div>
    ${view.trace === undefined ? nothing : pathBar(view.trace, send)}
    <div class="bar" role="group" aria-label="Row">
      ${
        // A row that is no trace shows its JSON anyway.
        readable
          ? button('Raw JSON', { type: 'json' }, send, { key: KEYS.json, pressed: model.showJson })
          : nothing
      }
      ${button('Copy as JSON', { type: 'copy-json' }, send)}
      ${
        readable
          ? html`${button('Copy as text', { type: 'copy-text' }, send)}
            ${button('Open as .steps', { type: 'open-steps' }, send)}
            ${button('Score', { type: 'score' }, send, { possible: model.scoring !== 'running' })}`
          : nothing
      }
      ${button('Format dataset…', { type: 'format' }, send)}
    </div>
  </header>`;
}

function pathBar(trace: NonNullable<TraceView['trace']>, send: Send): TemplateResult | typeof nothing {
  const { index, count: paths, alternativeAt } = trace;
  if (paths < 2) return nothing;
  const go = (to: number): TraceWish => ({ type: 'path', index: to });
  const leaves =
    alternativeAt === undefined ? '' : `, leaves an earlier path at step ${count(alternativeAt)}`;
  return html`<div class="bar" role="group" aria-label="Paths of the row">
    <span class="path">Path ${count(index + 1)} of ${count(paths)}${leaves}</span>
    ${button('Previous path', go(index - 1), send, { possible: index > 0 })}
    ${button('Next path', go(index + 1), send, { possible: index + 1 < paths })}
    <label
      >Path
      <input
        type="number"
        min="1"
        max=${paths}
        .value=${String(index + 1)}
        @change=${(event: Event) => {
          const wanted = Number((event.target as HTMLInputElement).value);
          if (Number.isInteger(wanted) && wanted >= 1 && wanted <= paths) send(go(wanted - 1));
        }}
    /></label>
  </div>`;
}
