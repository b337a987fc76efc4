// The dataset's table as a custom element, `<prm-data-table>`: draws what is in view, moves by mouse and keyboard.
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { render } from 'lit';
import type { RowQuery, SortKey } from '../../../../protocol/src/datasets.ts';
import { bounded, type GridColumn } from './columns.ts';
import { ColumnResize } from './columnResize.ts';
import { movedBy, type GridPlace } from './keys.ts';
import type { RowPages } from './rowPages.ts';
import { RowScroll } from './rowScroll.ts';
import { gridView, HEAD_HEIGHT, ROW_HEIGHT, type PlacedColumn, type PlacedRow } from './tableView.ts';

export interface TableModel {
  /** What the grid shows, for screen readers. */
  label: string;
  columns: GridColumn[];
  pages: RowPages;
  rowCount: number;
  /** Whether `rowCount` is final. */
  complete: boolean;
  sort: RowQuery['sort'];
  /** Place of the row that is shown as a trace. */
  open: number | undefined;
}

export type TableWish =
  /** The row at a place, as a trace. */
  | { type: 'open'; place: number }
  /** A click on a row: where a trace is shown, it follows. */
  | { type: 'pick'; place: number }
  | { type: 'sort'; key: SortKey }
  | { type: 'width'; key: string; width: number }
  /** The view or the active cell moved. */
  | { type: 'moved'; first: number; active: GridPlace }
  | { type: 'leave' };

export interface ShowOptions {
  /** `nearest` (where missing) scrolls as little as it can. */
  align?: 'nearest' | 'start' | 'center';
  focus?: boolean;
  /** Of the active cell; its own where missing. */
  column?: number;
  /** The active cell stays where it is. */
  keepActive?: boolean;
}

/** Columns drawn on each side of those in view. */
const OVERSCAN = 1;

export class DataTable extends HTMLElement {
  readonly #rows = new RowScroll(ROW_HEIGHT);
  #model: TableModel | undefined;
  /** Told what the user wants. */
  wish: (wish: TableWish) => void = () => undefined;
  #active: GridPlace = { row: 0, column: 0 };
  /** Whether the active cell takes the focus at the next drawing. */
  #takeFocus = false;
  #scroller: HTMLElement | undefined;
  #frame: number | undefined;
  readonly #resize = new ColumnResize((column, width) => {
    this.#setWidth(column, width);
  });
  readonly #columns = new Virtualizer<HTMLElement, HTMLElement>(this.#columnOptions());
  readonly #sizes = new ResizeObserver(() => {
    this.#schedule();
  });
  #unmount: (() => void) | undefined;

  set model(model: TableModel) {
    const before = this.#model;
    this.#model = model;
    if (before?.columns !== model.columns) {
      this.#columns.setOptions(this.#columnOptions());
      this.#columns.measure();
    }
    this.#schedule();
  }

  get active(): GridPlace {
    return this.#active;
  }

  connectedCallback(): void {
    if (this.#scroller === undefined) {
      const scroller = document.createElement('div');
      scroller.className = 'scroller';
      // Chromium would make a scrolled element a stop for the Tab key; the active cell is the stop.
      scroller.tabIndex = -1;
      scroller.addEventListener('scroll', () => {
        this.#scrolled();
      });
      scroller.addEventListener('scrollend', () => {
        this.#settle();
      });
      this.#scroller = scroller;
      this.append(scroller);
      this.addEventListener('keydown', (event) => {
        this.#pressed(event);
      });
      // A screen reader moves the focus by itself.
      this.addEventListener('focusin', (event) => {
        this.#focused(event);
      });
      this.addEventListener('click', (event) => {
        this.#clicked(event);
      });
      this.addEventListener('dblclick', (event) => {
        this.#doubleClicked(event);
      });
      // A double click opens the row and is not meant to select a word.
      this.addEventListener('mousedown', (event) => {
        if (event.detail > 1) event.preventDefault();
      });
      this.addEventListener('pointerdown', (event) => {
        const separator = separatorOf(event.target);
        const column = separator === undefined ? undefined : this.#columnOf(separator);
        if (separator !== undefined && column !== undefined) this.#resize.start(event, separator, column);
      });
      this.addEventListener('mouseover', showWhatIsCut);
    }
    this.#sizes.observe(this.#scroller);
    this.#unmount = this.#columns._didMount();
    this.#schedule();
  }

  disconnectedCallback(): void {
    this.#sizes.disconnect();
    this.#unmount?.();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  /**
   * Brings a row into view and makes its cell the active one.
   * @param place 0-based, in the view or file
   */
  show(place: number, options: ShowOptions): void {
    this.#measure();
    if (options.keepActive !== true) {
      this.#active = { row: place, column: options.column ?? this.#active.column };
    }
    this.#rows.reveal(place, options.align);
    if (options.focus === true) this.#takeFocus = true;
    this.#schedule();
  }

  /** Gives the active cell the focus. */
  focusCell(): void {
    this.#takeFocus = true;
    this.#schedule();
  }

  #schedule(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  /** Takes over how many rows there are and how much room. */
  #measure(): { width: number; height: number } {
    const { clientWidth: width = 0, clientHeight: height = 0 } = this.#scroller ?? {};
    this.#rows.resize(this.#model?.rowCount ?? 0, Math.max(0, height - HEAD_HEIGHT));
    return { width, height };
  }

  #draw(): void {
    const model = this.#model;
    const scroller = this.#scroller;
    if (model === undefined || scroller === undefined || !this.isConnected) return;
    const view = this.#measure();
    // A hidden table keeps its place.
    if (view.height === 0) return;
    this.#active = {
      row: Math.max(-1, Math.min(this.#active.row, model.rowCount - 1)),
      column: Math.min(this.#active.column, model.columns.length - 1),
    };
    this.#columns._willUpdate();
    const width = Math.max(this.#columns.getTotalSize(), view.width);
    const { first, last } = this.#rows.visible();
    if (last >= first) model.pages.show(first, last, model.rowCount);
    render(
      gridView({
        label: model.label,
        extent: { width, height: this.#rows.height + HEAD_HEIGHT },
        view,
        columns: this.#placedColumns(model),
        columnCount: model.columns.length,
        rows: this.#placedRows(model, first, last),
        rowCount: model.rowCount,
        complete: model.complete,
        active: this.#active,
        open: model.open,
        sort: model.sort,
      }),
      scroller,
    );
    scroller.style.setProperty('--left', `${scroller.scrollLeft}px`);
    if (this.#rows.ahead) this.#settle();
    if (this.#takeFocus) {
      this.#takeFocus = false;
      this.#activeElement()?.focus({ preventScroll: true });
    }
    this.wish({ type: 'moved', first: Math.max(0, first), active: this.#active });
  }

  #placedColumns(model: TableModel): PlacedColumn[] {
    const inView = this.#columns.getVirtualItems().map(({ index }) => index);
    // The first column stands still, and the active one carries the focus.
    const indices = [...new Set([0, ...inView, this.#active.column])].sort((a, b) => a - b);
    return indices.flatMap((index) => {
      const column = model.columns[index];
      const start = this.#columns.measurementsCache[index]?.start;
      return column === undefined || start === undefined ? [] : [{ ...column, index, start }];
    });
  }

  #placedRows(model: TableModel, first: number, last: number): PlacedRow[] {
    const rows: PlacedRow[] = [];
    const add = (place: number, top: number) => rows.push({ place, top, state: model.pages.at(place) });
    const { row } = this.#active;
    // The active row stays in the page when it leaves the view: with it the focus would be lost.
    if (row >= 0 && row < first) add(row, -2 * ROW_HEIGHT);
    for (let place = first; place <= last; place++) add(place, place * ROW_HEIGHT - this.#rows.top);
    if (row > last) add(row, (last - first + 3) * ROW_HEIGHT);
    return rows;
  }

  #columnOptions() {
    const columns = this.#model?.columns ?? [];
    return {
      count: columns.length,
      horizontal: true,
      overscan: OVERSCAN,
      getScrollElement: () => this.#scroller ?? null,
      estimateSize: (index: number) => columns[index]?.width ?? 0,
      // A column that is brought into view must not lie under the first one.
      scrollPaddingStart: columns[0]?.width ?? 0,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => {
        this.#schedule();
      },
    };
  }

  // ---- scrolling ----

  #scrolled(): void {
    if (this.#scroller === undefined) return;
    this.#rows.scrolled(this.#scroller.scrollTop);
    this.#schedule();
  }

  /** Puts the scroll bar where the rows are: after a jump, or when wheel or keys have moved them pixel by pixel. */
  #settle(): void {
    if (this.#scroller !== undefined) this.#scroller.scrollTop = this.#rows.settle();
  }

  // ---- keys and mouse ----

  #pressed(event: KeyboardEvent): void {
    const model = this.#model;
    if (model === undefined || event.altKey) return;
    const separator = separatorOf(event.target);
    if (separator !== undefined) {
      const column = this.#columnOf(separator);
      if (column !== undefined && this.#resize.pressed(event, column)) event.preventDefault();
      else if (event.key === 'Escape') this.#go(this.#active);
      return;
    }
    const { row, column } = this.#active;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (row >= 0) this.wish({ type: 'open', place: row });
      else this.#sortBy(model.columns[column]);
      return;
    }
    if (event.key === 'Escape') {
      this.wish({ type: 'leave' });
      return;
    }
    const target = movedBy({ key: event.key, ctrl: event.ctrlKey || event.metaKey }, this.#active, {
      rows: model.rowCount,
      columns: model.columns.length,
      page: this.#rows.rowsInView,
    });
    if (target === undefined) return;
    event.preventDefault();
    this.#go(target);
  }

  #go(target: GridPlace): void {
    this.#active = target;
    this.#takeFocus = true;
    if (target.row >= 0) this.#rows.reveal(target.row);
    if (target.column > 0) this.#columns.scrollToIndex(target.column, { align: 'auto' });
    else if (this.#scroller !== undefined) this.#scroller.scrollLeft = 0;
    this.#schedule();
  }

  #focused(event: FocusEvent): void {
    const place = placeOf(event.target);
    if (place === undefined) return;
    // The one cell of a row that cannot be read stands for all columns: arrow keys go on in theirs.
    const wide = event.target instanceof Element && event.target.classList.contains('wide');
    if (place.row === this.#active.row && (wide || place.column === this.#active.column)) return;
    this.#active = place;
    this.#schedule();
  }

  #clicked(event: MouseEvent): void {
    if (separatorOf(event.target) !== undefined) return;
    const place = placeOf(event.target);
    if (place === undefined) return;
    this.#active = place;
    this.#takeFocus = true;
    this.#schedule();
    if (place.row === -1) this.#sortBy(this.#model?.columns[place.column]);
    else this.wish({ type: 'pick', place: place.row });
  }

  #doubleClicked(event: MouseEvent): void {
    const separator = separatorOf(event.target);
    const place = placeOf(event.target);
    if (separator !== undefined) {
      const column = this.#columnOf(separator);
      if (column !== undefined) this.#setWidth(column, this.#fittingWidth(column));
    } else if (place !== undefined && place.row >= 0) this.wish({ type: 'open', place: place.row });
  }

  #sortBy(column: GridColumn | undefined): void {
    if (column?.sort !== undefined) this.wish({ type: 'sort', key: column.sort });
  }

  #setWidth(column: GridColumn, width: number): void {
    this.wish({ type: 'width', key: column.key, width: bounded(width) });
  }

  /** Of the widest content among the drawn rows. */
  #fittingWidth(column: GridColumn): number {
    const index = this.#model?.columns.indexOf(column) ?? -1;
    const cells = this.querySelectorAll<HTMLElement>(`[data-column="${index}"]:not(.wide)`);
    let widest = 0;
    for (const cell of cells) widest = Math.max(widest, contentWidth(cell));
    return widest + 18;
  }

  #columnOf(separator: HTMLElement): GridColumn | undefined {
    return this.#model?.columns[placeOf(separator)?.column ?? -1];
  }

  #activeElement(): HTMLElement | null {
    const row = `[data-row="${this.#active.row}"]`;
    // A row with one message in place of its cells has a single cell.
    return (
      this.querySelector<HTMLElement>(`${row} > [data-column="${this.#active.column}"]`) ??
      this.querySelector<HTMLElement>(`${row} > [data-column]`)
    );
  }
}

/** In pixels, of what a cell would show if it were wide enough. */
function contentWidth(cell: HTMLElement): number {
  if (cell.role === 'columnheader') {
    // The separator lies at the edge and is no content.
    const parts = [...cell.children].filter((part) => part.role !== 'separator');
    return Math.max(...parts.map((part) => part.scrollWidth));
  }
  const range = document.createRange();
  range.selectNodeContents(cell);
  return range.getBoundingClientRect().width;
}

function separatorOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof HTMLElement && target.role === 'separator' ? target : undefined;
}

function placeOf(target: EventTarget | null): GridPlace | undefined {
  if (!(target instanceof Element)) return undefined;
  const column = target.closest<HTMLElement>('[data-column]')?.dataset.column;
  const row = target.closest<HTMLElement>('[data-row]')?.dataset.row;
  return column === undefined || row === undefined ? undefined : { row: Number(row), column: Number(column) };
}

/** A tooltip for text that the cell cuts; nothing is prepared for the cells that nobody points at. */
function showWhatIsCut(event: MouseEvent): void {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-column]') : null;
  if (cell === null) return;
  if (cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.replace(/\s+/g, ' ').trim();
  else cell.removeAttribute('title');
}
