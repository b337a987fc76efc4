// Rows that cannot be read or do not fit the layout, and where they are.
import { html, nothing, type TemplateResult } from 'lit';
import type { FaultCount } from '../../../../protocol/src/datasetSummary.ts';
import { count, counted } from '../../ui/format.ts';
import type { SummaryWish } from './model.ts';

export function faultsView(faults: readonly FaultCount[], send: (wish: SummaryWish) => void): TemplateResult {
  const all = faults.reduce((sum, { count: rows }) => sum + rows, 0);
  return html`<section aria-labelledby="summary-faults">
    <h3 id="summary-faults">Faulty rows</h3>
    ${
      all === 0
        ? html`<p>None.</p>`
        : html`<p>
              <button
                class="link"
                @click=${() => {
                  send({ type: 'filter', condition: { kind: 'faulty' } });
                }}
              >
                Show the ${counted(all, 'faulty row')}
              </button>
            </p>
            <ul class="faults">
              ${faults.map((fault) => faultItem(fault, send))}
            </ul>`
    }
  </section>`;
}

function faultItem(fault: FaultCount, send: (wish: SummaryWish) => void): TemplateResult {
  return html`<li>
    <strong>${count(fault.count)}</strong> ×
    ${fault.reason}${
      fault.firstDetail === undefined ? nothing : html` <span class="note">(${fault.firstDetail})</span>`
    }<br />
    ${fault.firstRows.map(
      (row) =>
        html`<button
          class="link place"
          @click=${() => {
            send({ type: 'goto', row });
          }}
        >
          row ${count(row)}
        </button> `,
    )}${fault.count > fault.firstRows.length ? html`<span class="note">and more</span>` : nothing}
  </li>`;
}
