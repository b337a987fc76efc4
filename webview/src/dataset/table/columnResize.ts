// Making a column wider or narrower, with the mouse and with keys.
import { NARROWEST, WIDEST, type GridColumn } from './columns.ts';

/** Pixels for an arrow key, and with Shift. */
const SMALL = 10;
const LARGE = 50;

export class ColumnResize {
  readonly #set: (column: GridColumn, width: number) => void;

  constructor(set: (column: GridColumn, width: number) => void) {
    this.#set = set;
  }

  /** A separator was grabbed: the column follows the pointer until it is let go. */
  start(event: PointerEvent, separator: HTMLElement, column: GridColumn): void {
    if (event.button !== 0) return;
    event.preventDefault();
    separator.setPointerCapture(event.pointerId);
    const { clientX: from } = event;
    const { width } = column;
    const follow = (move: PointerEvent) => {
      this.#set(column, width + move.clientX - from);
    };
    const end = () => {
      separator.removeEventListener('pointermove', follow);
    };
    separator.addEventListener('pointermove', follow);
    separator.addEventListener('lostpointercapture', end, { once: true });
  }

  /** @returns whether the key was one that changes a width */
  pressed(event: KeyboardEvent, column: GridColumn): boolean {
    const by = event.shiftKey ? LARGE : SMALL;
    switch (event.key) {
      case 'ArrowLeft':
        this.#set(column, column.width - by);
        return true;
      case 'ArrowRight':
        this.#set(column, column.width + by);
        return true;
      case 'Home':
        this.#set(column, NARROWEST);
        return true;
      case 'End':
        this.#set(column, WIDEST);
        return true;
      default:
        return false;
    }
  }
}
