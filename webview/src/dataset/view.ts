// The dataset page as a template: bar, filters, and the table with the trace beside it, or the summary.
import { html, nothing, type TemplateResult } from 'lit';
import type { DatasetInfo } from '../../../protocol/src/datasets.ts';
import { pageBar } from './bar.ts';
import { filterBar } from './filter/filterBar.ts';
import type { DatasetPage } from './page.ts';
import { summaryView } from './summary/view.ts';
import type { TableModel } from './table/dataTable.ts';
import { traceView } from './trace/view.ts';
import { summaryWish, tableWish, traceWish } from './wishes.ts';

export function pageView(page: DatasetPage): TemplateResult {
  const { info, failure } = page;
  if (failure !== undefined) return failureView(page, failure);
  if (info === undefined) {
    return html`<main class="opening">
      <p role="status"><vscode-progress-ring></vscode-progress-ring> Opening…</p>
    </main>`;
  }
  const table = page.kept.part === 'table';
  return html`<main class=${page.reading.state.row === undefined ? 'dataset' : 'dataset reading'}>
    ${pageBar(page, info)} ${page.alert === undefined ? nothing : alertView(page, page.alert)}
    ${page.pages.refusal === undefined ? nothing : refusalView(page, page.pages.refusal)}
    <div class="rows" ?hidden=${!table}>
      ${filters(page, info)}
      <div class="parts">
        <div class="table">
          <prm-data-table .model=${tableModel(page, info)} .wish=${tableWish(page)}></prm-data-table>
          ${emptyView(page)}
        </div>
        ${page.reading.state.row === undefined ? nothing : tracePane(page)}
      </div>
    </div>
    ${table ? nothing : html`<div class="summary-part">${summaryView(page.summarising.model, summaryWish(page))}</div>`}
    <p class="heard" role="status">${page.announcement}</p>
  </main>`;
}

function failureView(
  page: DatasetPage,
  { message, remedy }: { message: string; remedy?: string },
): TemplateResult {
  return html`<main class="opening">
    <div role="alert">
      <p class="wrong">${message}</p>
      ${remedy === undefined ? nothing : html`<p>${remedy}</p>`}
    </div>
    <vscode-button
      @click=${() => {
        page.reload();
      }}
      >Try again</vscode-button
    >
  </main>`;
}

function alertView(page: DatasetPage, alert: string): TemplateResult {
  return html`<div class="alert" role="alert">
    <p>${alert}</p>
    <button
      type="button"
      @click=${() => {
        page.reload();
      }}
    >
      Read the file again
    </button>
    <button
      type="button"
      @click=${() => {
        page.dismissAlert();
      }}
    >
      Dismiss
    </button>
  </div>`;
}

function refusalView(page: DatasetPage, refusal: string): TemplateResult {
  return html`<div class="alert" role="alert">
    <p>Some rows could not be read: ${refusal}</p>
    <button
      type="button"
      @click=${() => {
        page.retryRows();
      }}
    >
      Try again
    </button>
  </div>`;
}

function filters(page: DatasetPage, info: DatasetInfo): TemplateResult {
  const { filtering, found } = page;
  const traces = info.layout.layout !== null;
  const { draft } = filtering;
  return filterBar({
    query: found.query,
    scan: found.scan,
    running: found.running,
    rows: info.known.rows,
    traces,
    form:
      draft === undefined
        ? undefined
        : {
            draft,
            columns: info.columns,
            traces,
            change: (part) => {
              filtering.change(part);
            },
            apply: () => {
              filtering.apply();
            },
            cancel: () => {
              filtering.cancel();
            },
          },
    add: () => {
      if (draft === undefined) page.openFilter();
      else filtering.cancel();
    },
    edit: (index) => {
      filtering.open(index);
    },
    remove: (index) => {
      filtering.remove(index);
    },
    sort: (sort) => {
      const { conditions } = found.query;
      page.query(sort === undefined ? { conditions } : { conditions, sort });
    },
    clear: () => {
      page.query({ conditions: [] });
    },
    stop: () => {
      found.stop();
    },
    again: () => {
      page.query(found.query);
    },
  });
}

function emptyView({ rowCount, complete, found }: DatasetPage): TemplateResult | typeof nothing {
  if (rowCount > 0 || found.scan?.failed !== undefined) return nothing;
  if (found.scan === undefined) {
    return html`<p class="empty">${complete ? 'This file has no rows.' : 'Looking for the first rows…'}</p>`;
  }
  if (!complete) {
    return html`<p class="empty">${found.query.sort === undefined ? 'Nothing found yet…' : 'Sorting…'}</p>`;
  }
  return html`<p class="empty">No row fits these filters.</p>`;
}

function tracePane(page: DatasetPage): TemplateResult {
  const { row, view, loading, failed, scores, scoring, showJson } = page.reading.state;
  const place = row?.place;
  return html`<aside class="pane" aria-label="Trace">
    ${failed === undefined ? nothing : traceFailure(page, failed)}
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

function traceFailure(page: DatasetPage, failed: string): TemplateResult {
  return html`<div class="alert" role="alert">
    <p>${failed}</p>
    <button
      type="button"
      @click=${() => {
        page.reading.again();
      }}
    >
      Try again
    </button>
    <button
      type="button"
      @click=${() => {
        page.closeTrace();
      }}
    >
      Close
    </button>
  </div>`;
}

function tableModel(page: DatasetPage, info: DatasetInfo): TableModel {
  return {
    label: `Rows of ${info.name}`,
    columns: page.columns,
    pages: page.pages,
    rowCount: page.rowCount,
    complete: page.complete,
    sort: page.found.query.sort,
    open: page.reading.state.row?.place,
  };
}
