// The page's first line: what the file is, which part of the page is shown, where to go.
import { html, nothing, type TemplateResult } from 'lit';
import type { DatasetInfo } from '../../../protocol/src/datasets.ts';
import { bytes, count, counted } from '../ui/format.ts';
import type { DatasetPage } from './page.ts';
import type { Part } from './state.ts';
import { share } from './words.ts';

export function pageBar(page: DatasetPage, info: DatasetInfo): TemplateResult {
  return html`<header class="page-bar">
    <h1><bdi>${info.name}</bdi></h1>
    <span class="facts" title=${info.layout.evidence.join('\n')}
      >${info.layout.title} · ${rowsKnown(info)} · ${bytes(info.bytes)}${moreColumns(info)}</span
    >
    <div class="actions">
      <span role="group" aria-label="Part of the page">
        ${partButton(page, 'table', 'Rows')}${partButton(page, 'summary', 'Summary')}
      </span>
      ${jumpForm(page)}
      ${action('Export…', 'Write the rows that are shown to a file', () => {
        page.exportRows();
      })}
      ${action('Format…', 'Make training examples of this dataset', () => {
        page.do({ kind: 'format' });
      })}
      ${
        info.kind === 'jsonl' || info.kind === 'json'
          ? action('Open as text', 'Open the file in the text editor', () => {
              page.do({ kind: 'open-text' });
            })
          : nothing
      }
    </div>
  </header>`;
}

function partButton(page: DatasetPage, part: Part, words: string): TemplateResult {
  return html`<button
    type="button"
    aria-pressed=${page.kept.part === part ? 'true' : 'false'}
    @click=${() => {
      page.show(part);
    }}
  >
    ${words}
  </button>`;
}

function action(words: string, title: string, act: () => void): TemplateResult {
  return html`<button type="button" title=${title} @click=${act}>${words}</button>`;
}

/** The row's number as people count; what is wrong with it stands beside the field. */
function jumpForm(page: DatasetPage): TemplateResult {
  const { problem, running } = page.jumping;
  return html`<form
    class="jump"
    novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      const field = (event.target as HTMLFormElement).elements.namedItem('row');
      if (!(field instanceof HTMLInputElement)) return;
      const text = field.value.replaceAll(',', '').trim();
      page.kept.part = 'table';
      void page.jumping.to(/^\d+$/.test(text) ? Number(text) : NaN);
    }}
  >
    <label
      >Go to row
      <input
        id="jump"
        name="row"
        type="text"
        size="9"
        inputmode="numeric"
        autocomplete="off"
        aria-keyshortcuts="Control+G"
        @input=${() => {
          page.jumping.forget();
        }}
        aria-busy=${running ? 'true' : nothing}
        aria-invalid=${problem === undefined ? nothing : 'true'}
        aria-describedby=${problem === undefined ? nothing : 'jump-problem'}
    /></label>
    ${problem === undefined ? nothing : html`<span id="jump-problem" class="wrong" role="alert">${problem}</span>`}
  </form>`;
}

/** A file of 10,000 columns has cells for the first ones only. */
function moreColumns({ moreColumns: more = 0 }: DatasetInfo): string {
  return more === 0 ? '' : ` · ${counted(more, 'more column')}: see a row’s JSON`;
}

function rowsKnown({ known: { rows, complete, share: part } }: DatasetInfo): string {
  return complete ? counted(rows, 'row') : `${count(rows)} rows so far, ${share(part)} of the file read`;
}
