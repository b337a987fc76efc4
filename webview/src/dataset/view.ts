// The dataset page as a template: bar, filters, table, trace, summary.
import { html, nothing, type TemplateResult } from 'lit';
import type { DatasetPage } from './page.ts';
import { summaryWish, traceWish } from './wishes.ts';
import { summaryView } from './summary/view.ts';
import type { TableModel, TableWish } from './table/dataTable.ts';
import { traceView } from './trace/view.ts';
import { count, counted } from '../ui/format.ts';
import { share } from './words.ts';

export function pageView(page: DatasetPage): TemplateResult {
  const { info, failure } = page;
  if (failure !== undefined) return failureView(page);
  if (info === undefined) {
    return html`<main class="opening">
      <p role="status"><vscode-progress-ring></vscode-progress-ring> Opening…</p>
    </main>`;
  }
  const { part } = page.kept;
  const reading = page.reading.state;
  return html`<main class=${reading.row === undefined ? 'dataset' : 'dataset reading'}>
    ${barView(page)} ${page.alert === undefined ? nothing : alertView(page, page.alert)}
    <div class="parts" ?hidden=${part !== 'table'}>
      <prm-data-table .model=${tableModel(page)} .wish=${tableWish(page)}></prm-data-table>
      ${reading.row === undefined ? nothing : tracePane(page)}
    </div>
    ${part === 'summary' ? summaryView(page.summarising.model, summaryWish(page)) : nothing}
    <p class="heard" role="status">${page.announcement}</p>
  </main>`;
}

function failureView({ failure }: DatasetPage): TemplateResult {
  return html`<main class="opening">
    <div role="alert">
      <p class="wrong">${failure?.message}</p>
      ${failure?.remedy === undefined ? nothing : html`<p>${failure.remedy}</p>`}
    </div>
  </main>`;
}

function alertView(page: DatasetPage, alert: string): TemplateResult {
  return html`<div class="alert" role="alert">
    <p>${alert}</p>
    ${button('Read again', () => {
      page.do({ kind: 'reload' });
    })}
    ${button('Dismiss', () => {
      page.dismissAlert();
    })}
  </div>`;
}

function barView(page: DatasetPage): TemplateResult {
  const { info } = page;
  if (info === undefined) return html``;
  return html`<header class="page-bar">
    <h1>${info.name}</h1>
    <span class="facts">${info.layout.title} · ${rowsKnown(page)}</span>
  </header>`;
}

function rowsKnown({ info }: DatasetPage): string {
  if (info === undefined) return '';
  const { rows, complete, share: part } = info.known;
  return complete ? counted(rows, 'row') : `${count(rows)} rows so far (${share(part)} of the file)`;
}

function tracePane(page: DatasetPage): TemplateResult {
  const { row, view, loading, failed, scores, scoring, showJson } = page.reading.state;
  const place = row?.place;
  return html`<aside class="pane" aria-label="Trace">
    ${failed === undefined ? nothing : html`<p class="wrong" role="alert">${failed}</p>`}
    ${
      view === undefined
        ? html`<p role="status">${loading ? 'Reading the row…' : nothing}</p>`
        : traceView(
            {
              view,
              scores,
              scoring,
              showJson,
              loading,
              hasPrevious: place !== undefined && place > 0,
              hasNext: place !== undefined && place + 1 < page.rowCount,
            },
            traceWish(page),
          )
    }
  </aside>`;
}

function tableModel(page: DatasetPage): TableModel {
  return {
    label: `Rows of ${page.info?.name ?? 'the dataset'}`,
    columns: page.columns,
    pages: page.pages,
    rowCount: page.rowCount,
    complete: page.complete,
    sort: page.found.query.sort,
    open: page.reading.state.row?.place,
  };
}

function tableWish(page: DatasetPage): (wish: TableWish) => void {
  return (wish) => {
    switch (wish.type) {
      case 'open':
        void page.openPlace(wish.place, { focus: true });
        break;
      case 'pick':
        if (page.reading.state.row !== undefined) void page.openPlace(wish.place, { focus: false });
        break;
      case 'sort':
        page.sort(wish.key);
        break;
      case 'width':
        page.setWidth(wish.key, wish.width);
        break;
      case 'moved':
        page.moved(wish.first, wish.active);
        break;
      case 'leave':
        if (page.reading.state.row !== undefined) page.closeTrace();
        break;
    }
  };
}

function button(label: string, click: () => void): TemplateResult {
  return html`<vscode-button appearance="secondary" @click=${click}>${label}</vscode-button>`;
}
