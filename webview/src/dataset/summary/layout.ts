// How the dataset writes its rows, and what speaks for it.
import { html, nothing, type TemplateResult } from 'lit';
import type { LayoutReport } from '../../../../protocol/src/datasets.ts';
import { count, counted } from '../../ui/format.ts';

/** @param wrappers rows by the chat wrapper that was taken off their problem */
export function layoutView(layout: LayoutReport, wrappers: Readonly<Record<string, number>>): TemplateResult {
  const mixed = layout.counts.length > 1;
  const wrapped = Object.entries(wrappers).filter(([, rows]) => rows > 0);
  return html`<section aria-labelledby="summary-layout">
    <h3 id="summary-layout">Layout</h3>
    <p>
      <strong>${layout.layout === null ? 'No known layout' : layout.title}</strong>
      ${layout.layout === null ? nothing : html`<code>${layout.layout}</code>`}
      <span class="note">from ${counted(layout.sampled, 'row')}</span>
    </p>
    <ul>
      ${layout.evidence.map((sentence) => html`<li>${withCode(sentence)}</li>`)}
    </ul>
    ${
      mixed
        ? html`<p class="warning" role="note">
            The file mixes layouts:
            ${layout.counts.map(({ layout: name, rows }) => `${name} (${counted(rows, 'row')})`).join(', ')}.
          </p>`
        : nothing
    }
    ${
      wrapped.length === 0
        ? nothing
        : html`<p>
            Chat wrappers taken off the problems:
            ${wrapped.map(([name, rows]) => `${name} (${count(rows)})`).join(', ')}.
          </p>`
    }
  </section>`;
}

/** Names between backticks as code; nothing else is read from the sentence. */
function withCode(sentence: string): (string | TemplateResult)[] {
  return sentence
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}
