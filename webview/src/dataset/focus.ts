// Gives a part of the page the focus as soon as it is there: a trace comes after the key that opened it.
import type { FocusTarget } from './page.ts';
import type { DataTable } from './table/dataTable.ts';

/** Selectors of each part, the one to be preferred first. */
const PLACES: Readonly<Record<Exclude<FocusTarget, 'table'>, string[]>> = {
  jump: ['#jump'],
  filter: ['.filter-form input', '.filter-form select'],
  'filter-button': ['#add-filter'],
  trace: ['.pane .trace'],
  summary: ['.summary-part .summary'],
};

export class Focus {
  readonly #table: () => DataTable | null;
  #wanted: FocusTarget | undefined;

  constructor(table: () => DataTable | null) {
    this.#table = table;
    // Who goes on working is not taken away from there.
    for (const kind of ['keydown', 'pointerdown']) {
      window.addEventListener(kind, () => (this.#wanted = undefined), { capture: true });
    }
  }

  /** The part gets the focus now, or at the first drawing that has it. */
  want(part: FocusTarget): void {
    this.#wanted = part;
    // What is wanted by an event's own handler may be drawn already, and is drawn again at the latest then.
    queueMicrotask(() => {
      this.drawn();
    });
  }

  drawn(): void {
    if (this.#wanted === undefined) return;
    if (this.#wanted === 'table') {
      const table = this.#table();
      if (table === null) return;
      table.focusCell();
      this.#wanted = undefined;
      return;
    }
    const element = elementAt(PLACES[this.#wanted]);
    if (element === undefined) return;
    this.#wanted = undefined;
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  }
}

function elementAt(selectors: string[]): HTMLElement | undefined {
  for (const selector of selectors) {
    const element = document.querySelector<HTMLElement>(selector);
    if (element !== null) return element;
  }
  return undefined;
}
