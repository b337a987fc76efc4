// The filters that hold, as chips; how far their scan is; the order of the rows.
import { html, nothing, type TemplateResult } from 'lit';
import type { RowCondition, RowQuery, SortKey } from '../../../../protocol/src/datasets.ts';
import { count } from '../../ui/format.ts';
import type { Scan } from '../found.ts';
import { share } from '../words.ts';
import { conditionWords, sortWords } from './conditions.ts';
import { filterForm, type FilterFormModel } from './filterForm.ts';

export interface FilterBarModel {
  query: RowQuery;
  /** undefined: all rows in the file's order. */
  scan: Scan | undefined;
  running: boolean;
  /** Rows of the file that are known. */
  rows: number;
  traces: boolean;
  form: FilterFormModel | undefined;
  add: () => void;
  edit: (index: number) => void;
  remove: (index: number) => void;
  sort: (sort: RowQuery['sort']) => void;
  clear: () => void;
  stop: () => void;
  /** Looks for the same rows anew. */
  again: () => void;
}

export function filterBar(model: FilterBarModel): TemplateResult {
  const { query, scan, form } = model;
  return html`<section class="filter-bar" aria-label="Filters">
    <div class="filters">
      <button
        type="button"
        id="add-filter"
        aria-expanded=${form === undefined ? 'false' : 'true'}
        aria-keyshortcuts="Control+F"
        @click=${model.add}
      >
        Filter…
      </button>
      ${
        query.conditions.length === 0
          ? nothing
          : html`<ul class="chips" aria-label="Filters that hold">
              ${query.conditions.map((condition, index) => chip(condition, index, model))}
            </ul>`
      }
      ${sorting(model)} ${scan === undefined ? nothing : scanView(model, scan)}
    </div>
    ${form === undefined ? nothing : filterForm(form)}
  </section>`;
}

function chip(condition: RowCondition, index: number, { edit, remove }: FilterBarModel): TemplateResult {
  const words = conditionWords(condition);
  return html`<li class="chip">
    <button
      type="button"
      title="Change"
      @click=${() => {
        edit(index);
      }}
    >
      <bdi>${words}</bdi>
    </button>
    <button
      type="button"
      aria-label=${`Remove filter: ${words}`}
      title="Remove"
      @click=${() => {
        remove(index);
      }}
    >
      ✕
    </button>
  </li>`;
}

const TRACE_KEYS: readonly SortKey[] = [{ by: 'steps' }, { by: 'first-error' }, { by: 'errors' }];

/** Columns are sorted by their headers; a column that sorts stands here too, so that it can be seen and taken away. */
function sorting({
  query: { sort },
  traces,
  sort: setSort,
}: FilterBarModel): TemplateResult | typeof nothing {
  const keys: SortKey[] = traces ? [...TRACE_KEYS] : [];
  if (sort?.key.by === 'column') keys.push(sort.key);
  if (keys.length === 0) return nothing;
  return html`<label class="sorting"
      >Sort by
      <select
        @change=${(event: Event) => {
          const key = keys[(event.target as HTMLSelectElement).selectedIndex - 1];
          setSort(
            key === undefined ? undefined : { key, descending: sort?.descending ?? key.by !== 'first-error' },
          );
        }}
      >
        <option .selected=${sort === undefined}>file order</option>
        ${keys.map((key) => html`<option .selected=${isKey(sort?.key, key)}>${sortWords(key)}</option>`)}
      </select></label
    >${
      sort === undefined
        ? nothing
        : html`<button
            type="button"
            @click=${() => {
              setSort({ ...sort, descending: !sort.descending });
            }}
          >
            ${sort.descending ? '▼ descending' : '▲ ascending'}
          </button>`
    }`;
}

function isKey(a: SortKey | undefined, b: SortKey): boolean {
  return a?.by === b.by;
}

function scanView(model: FilterBarModel, scan: Scan): TemplateResult {
  return html`<span class="scan">
    ${
      scan.failed === undefined
        ? html`<span>${scanWords(model, scan)}</span>`
        : html`<span class="wrong" role="alert">${scan.failed}</span>`
    }
    ${
      model.running
        ? html`<progress max="1" .value=${scan.news?.share ?? 0} aria-label="Rows looked at"></progress>
            <button type="button" @click=${model.stop}>Stop</button>`
        : nothing
    }
    ${hasGrown(model, scan) ? html`<button type="button" @click=${model.again}>Search again</button>` : nothing}
    <button type="button" @click=${model.clear}>Clear</button>
  </span>`;
}

/** Whether the file has rows that a scan which has ended did not look at. */
function hasGrown({ rows }: Pick<FilterBarModel, 'rows'>, { news }: Scan): boolean {
  return news?.state === 'done' && news.scanned > 0 && rows > news.scanned;
}

/** How a scan stands: "12,345 rows found, 34 % looked at". */
export function scanWords(model: Pick<FilterBarModel, 'query' | 'rows' | 'running'>, scan: Scan): string {
  const { query, rows, running } = model;
  const { news } = scan;
  if (news === undefined) return 'Looking…';
  const found = `${count(news.rows)} ${news.rows === 1 ? 'row' : 'rows'} found`;
  if (running) {
    const sorted = query.sort === undefined ? '' : ', shown when all are sorted';
    return `${found}, ${share(news.share)} looked at${sorted}`;
  }
  if (news.state === 'stopped') return `Stopped: ${found}, ${share(news.share)} looked at`;
  const grown = hasGrown(model, scan);
  const ended =
    query.conditions.length === 0
      ? `${count(news.rows)} rows sorted`
      : `${found} of ${count(grown ? news.scanned : rows)}`;
  return grown ? `${ended}; the file has grown since` : ended;
}
