// The head of the trace view: which row and path this is, and what can be done with it.
import { html, nothing, type TemplateResult } from 'lit';
import type { TraceView } from '../../../../protocol/src/datasets.ts';
import { count } from '../../ui/format.ts';
import { KEYS } from './keys.ts';
import type { TraceModel, TraceWish } from './model.ts';

type Send = (wish: TraceWish) => void;

interface Action {
  words: string;
  wish: TraceWish;
  key?: string;
  /** Missing: true. */
  possible?: boolean;
  pressed?: boolean;
}

export function traceBar(model: TraceModel, send: Send): TemplateResult {
  const { view } = model;
  const readable = view.trace !== undefined;
  return html`<header>
    <div class="bar">
      <h2 id="trace-title">Row ${count(view.number)}</h2>
      ${button({ words: 'Previous row', wish: { type: 'previous' }, key: KEYS.previous, possible: model.hasPrevious }, send)}
      ${button({ words: 'Next row', wish: { type: 'next' }, key: KEYS.next, possible: model.hasNext }, send)}
      ${button({ words: 'Close', wish: { type: 'close' }, key: KEYS.close }, send)}
      <span class="loading" role="status">${model.loading === true ? 'Loading…' : nothing}</span>
    </div>
    ${view.trace === undefined ? nothing : pathBar(view.trace, send)}
    <div class="bar" role="toolbar" aria-label="Row">
      ${button({ words: 'Raw JSON', wish: { type: 'json' }, key: KEYS.json, pressed: model.showJson }, send)}
      ${button({ words: 'Copy as JSON', wish: { type: 'copy-json' } }, send)}
      ${
        readable
          ? html`${button({ words: 'Copy as text', wish: { type: 'copy-text' } }, send)}
            ${button({ words: 'Open as .steps', wish: { type: 'open-steps' } }, send)}
            ${button({ words: 'Score', wish: { type: 'score' }, possible: model.scoring !== 'running' }, send)}`
          : nothing
      }
      ${button({ words: 'Format dataset…', wish: { type: 'format' } }, send)}
    </div>
  </header>`;
}

function pathBar(trace: NonNullable<TraceView['trace']>, send: Send): TemplateResult | typeof nothing {
  const { index, count: paths, alternativeAt } = trace;
  if (paths < 2) return nothing;
  const go = (to: number): TraceWish => ({ type: 'path', index: to });
  const leaves = alternativeAt === undefined ? '' : `, leaves the main path at step ${count(alternativeAt)}`;
  return html`<div class="bar" role="group" aria-label="Paths of the row">
    <span class="path">Path ${count(index + 1)} of ${count(paths)}${leaves}</span>
    ${button({ words: 'Previous path', wish: go(index - 1), possible: index > 0 }, send)}
    ${button({ words: 'Next path', wish: go(index + 1), possible: index + 1 < paths }, send)}
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

/** Impossible ones keep their place and the focus, say so, and do nothing. */
function button({ words, wish, key, possible = true, pressed }: Action, send: Send): TemplateResult {
  return html`<vscode-button
    appearance="secondary"
    aria-disabled=${possible ? nothing : 'true'}
    aria-pressed=${pressed === undefined ? nothing : String(pressed)}
    aria-keyshortcuts=${key ?? nothing}
    @click=${() => {
      if (possible) send(wish);
    }}
    >${words}${key === undefined ? nothing : html`<kbd aria-hidden="true">${key === 'Escape' ? 'Esc' : key}</kbd>`}</vscode-button
  >`;
}
