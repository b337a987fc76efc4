// The grid as a template: header, the rows in view, the columns in view.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RowQuery } from '../../../../protocol/src/datasets.ts';
import { cellClass, cellContent, faultContent } from './cells.ts';
import { NARROWEST, sortDirection, WIDEST, type GridColumn } from './columns.ts';
import type { GridPlace } from './keys.ts';
import type { RowState } from './rowPages.ts';

/** Pixels. */
export const ROW_HEIGHT = 26;
export const HEAD_HEIGHT = 42;

export interface PlacedColumn extends GridColumn {
  /** 0-based, among all columns. */
  index: number;
  /** Pixels from the left of the first column. */
  start: number;
}

export interface PlacedRow {
  /** 0-based, in the view or file. */
  place: number;
  /** Pixels from the top of the visible rows. */
  top: number;
  state: RowState;
}

/** What is drawn at once. */
export interface GridFrame {
  label: string;
  /** Of the element that is scrolled, in pixels. */
  extent: { width: number; height: number };
  /** Of the part that is seen. */
  view: { width: number; height: number };
  columns: PlacedColumn[];
  columnCount: number;
  rows: PlacedRow[];
  rowCount: number;
  /** Whether `rowCount` is final. */
  complete: boolean;
  active: GridPlace;
  /** Row shown as a trace. */
  open: number | undefined;
  sort: RowQuery['sort'];
}

export function gridView(frame: GridFrame): TemplateResult {
  const { columns } = frame;
  return html`<div class="extent" style=${`width:${frame.extent.width}px;height:${frame.extent.height}px`}>
    <div
      class="layer"
      role="grid"
      aria-label=${frame.label}
      aria-readonly="true"
      aria-multiselectable="false"
      aria-rowcount=${frame.complete ? frame.rowCount + 1 : -1}
      aria-colcount=${frame.columnCount}
      style=${`width:${frame.view.width}px;height:${frame.view.height}px`}
    >
      <div class="head" role="rowgroup">
        <div role="row" aria-rowindex="1" data-row="-1" style=${`width:${frame.extent.width}px`}>
          ${repeat(columns, indexOf, (column) => headerCell(column, frame))}
        </div>
      </div>
      <div class="body" role="rowgroup">
        ${repeat(
          frame.rows,
          ({ place }) => place,
          (row) => gridRow(row, columns, frame),
        )}
      </div>
    </div>
  </div>`;
}

function indexOf({ index }: PlacedColumn): number {
  return index;
}

function headerCell(column: PlacedColumn, { active, sort }: GridFrame): TemplateResult {
  const direction = sortDirection(column, sort);
  const isActive = active.row === -1 && active.column === column.index;
  return html`<div
    role="columnheader"
    class=${column.index === 0 ? 'cell frozen' : 'cell'}
    aria-colindex=${column.index + 1}
    aria-sort=${direction ?? nothing}
    data-column=${column.index}
    tabindex=${isActive ? 0 : -1}
    style=${placed(column)}
  >
    <span class="name"
      ><bdi>${column.name}</bdi>${
        direction === 'ascending' || direction === 'descending'
          ? html`<span class="arrow" aria-hidden="true">${direction === 'ascending' ? ' ▲' : ' ▼'}</span>`
          : nothing
      }</span
    >
    ${column.type === undefined ? nothing : html`<bdi class="type">${column.type}</bdi>`}
    <span
      class="separator"
      role="separator"
      aria-orientation="vertical"
      aria-label=${`Width of ${column.name}`}
      aria-valuemin=${NARROWEST}
      aria-valuemax=${WIDEST}
      aria-valuenow=${column.width}
      aria-valuetext=${`${column.width} pixels`}
      tabindex=${isActive ? 0 : -1}
    ></span>
  </div>`;
}

function gridRow(
  { place, top, state }: PlacedRow,
  columns: PlacedColumn[],
  frame: GridFrame,
): TemplateResult {
  const waiting = state === 'waiting';
  return html`<div
    role="row"
    class=${frame.open === place ? 'row open' : 'row'}
    aria-rowindex=${place + 2}
    aria-busy=${waiting ? 'true' : nothing}
    aria-selected=${frame.open === place ? 'true' : 'false'}
    data-row=${place}
    style=${`top:${top}px;width:${frame.extent.width}px`}
  >
    ${wide(state) ? wideCell(place, state, frame) : repeat(columns, indexOf, (column) => rowCell(place, state, column, frame))}
  </div>`;
}

/** Whether a row has one message in place of its cells. */
function wide(state: RowState): boolean {
  if (state === 'waiting') return false;
  return 'refused' in state || state.cells.length === 0;
}

function wideCell(place: number, state: RowState, { active, view, columnCount }: GridFrame): TemplateResult {
  let content: TemplateResult | string = '';
  if (state !== 'waiting') {
    content =
      'refused' in state
        ? html`<span class="fault">Not read: ${state.refused}</span>`
        : html`${state.number.toLocaleString('en')} ${faultContent(state)}`;
  }
  return html`<div
    role="gridcell"
    class="cell wide frozen"
    aria-colindex="1"
    aria-colspan=${columnCount}
    data-column="0"
    tabindex=${active.row === place ? 0 : -1}
    style=${`width:${view.width}px`}
  >
    ${content}
  </div>`;
}

function rowCell(
  place: number,
  state: RowState,
  column: PlacedColumn,
  { active }: GridFrame,
): TemplateResult {
  const isActive = active.row === place && active.column === column.index;
  const known = state !== 'waiting' && !('refused' in state);
  const kind = known ? cellClass(column, state) : 'waiting';
  return html`<div
    role=${column.index === 0 ? 'rowheader' : 'gridcell'}
    class=${`cell ${kind}${column.index === 0 ? ' frozen' : ''}`}
    aria-colindex=${column.index + 1}
    data-column=${column.index}
    tabindex=${isActive ? 0 : -1}
    style=${placed(column)}
  >
    ${known ? cellContent(column, state) : html`<span class="skeleton"></span><span class="heard">loading</span>`}
  </div>`;
}

function placed({ index, start, width }: PlacedColumn): string {
  // The first column stays where it is when the others are scrolled (`.frozen`).
  return index === 0 ? `width:${width}px` : `left:${start}px;width:${width}px`;
}
