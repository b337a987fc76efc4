// Which rows a scroll position shows. A browser's element ends at 33 million pixels, a table of 10 million rows does not.

/** Height of the scrolled element, in pixels, at most: half of what Chromium can lay out. */
const MOST_PIXELS = 16_000_000;
/** At both ends of a longer table a pixel of scroll bar is a pixel of table, so that its edges scroll as any other. */
const EXACT_ZONE = 1_000_000;
/** A movement by less than this many views is a wheel or a key, which move the rows pixel by pixel. */
const SMALL_MOVE = 3;

/**
 * Row positions of rows with equal height. (`@tanstack/virtual-core`, which lays out the columns, measures each item:
 * 240 MB and a quarter of a second for 10 million rows, again at each row that is added.)
 *
 * `top` counts in the table's own pixels; `scrollTop` in the element's. Up to 16 million pixels they are the same. Above,
 * the middle of the table is squeezed: dragging the scroll bar moves by whole screens, while wheel and keys move `top`
 * by exactly their pixels and let `settle` put the scroll bar right afterwards.
 */
export class RowScroll {
  readonly rowHeight: number;
  #rows = 0;
  #view = 0;
  #top = 0;
  #scrollTop = 0;
  /** Whether the rows moved without the scroll bar. */
  #ahead = false;

  constructor(rowHeight: number) {
    this.rowHeight = rowHeight;
  }

  /** @param view height of the visible rows, in pixels */
  resize(rows: number, view: number): void {
    this.#rows = rows;
    this.#view = view;
    this.#moveTo(this.#top);
  }

  /** Whether `reveal` or `resize` moved the rows, so that the scroll bar has to follow (`settle`). */
  get ahead(): boolean {
    return this.#ahead;
  }

  /** Of the scrolled element, in pixels. */
  get height(): number {
    return Math.min(MOST_PIXELS, this.#rows * this.rowHeight);
  }

  /** First visible pixel, of the whole table. */
  get top(): number {
    return this.#top;
  }

  /** Takes the element's new position. @returns whether the rows move */
  scrolled(scrollTop: number): boolean {
    const by = scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
    if (Math.abs(by) < 1) return false;
    const small = this.#squeezed && Math.abs(by) <= SMALL_MOVE * this.#view;
    this.#top = this.#clamp(small ? this.#top + by : this.#stretch(scrollTop));
    return true;
  }

  /** Where the scroll bar should be now; the caller moves it there, and that is no movement of the rows. */
  settle(): number {
    this.#ahead = false;
    // Browsers keep whole pixels.
    this.#scrollTop = Math.round(this.#squeeze(this.#top));
    return this.#scrollTop;
  }

  /**
   * Moves so that a row is wholly in view.
   * @param align `nearest` moves as little as it can; `start` and `center` say where the row comes
   */
  reveal(row: number, align: 'nearest' | 'start' | 'center' = 'nearest'): void {
    const start = row * this.rowHeight;
    const end = start + this.rowHeight;
    if (align === 'start') this.#moveTo(start);
    else if (align === 'center') this.#moveTo(start - (this.#view - this.rowHeight) / 2);
    else if (start < this.#top) this.#moveTo(start);
    else if (end > this.#top + this.#view) this.#moveTo(end - this.#view);
  }

  /** Rows that are at least partly in view, 0-based, both included; last is before first where there are none. */
  visible(): { first: number; last: number } {
    const first = Math.floor(this.#top / this.rowHeight);
    const last = Math.ceil((this.#top + this.#view) / this.rowHeight) - 1;
    return { first, last: Math.min(last, this.#rows - 1) };
  }

  /** Whole rows that fit. */
  get rowsInView(): number {
    return Math.max(1, Math.floor(this.#view / this.rowHeight));
  }

  get #squeezed(): boolean {
    return this.#rows * this.rowHeight > MOST_PIXELS;
  }

  #moveTo(top: number): void {
    const target = this.#clamp(top);
    if (target !== this.#top) this.#ahead = true;
    this.#top = target;
  }

  #clamp(top: number): number {
    return Math.max(0, Math.min(top, this.#rows * this.rowHeight - this.#view));
  }

  /** Table pixels for each pixel of scroll bar, between the exact zones. */
  get #ratio(): number {
    const between = (pixels: number) => pixels - this.#view - 2 * EXACT_ZONE;
    return between(this.#rows * this.rowHeight) / between(MOST_PIXELS);
  }

  #stretch(scrollTop: number): number {
    if (!this.#squeezed || scrollTop <= EXACT_ZONE) return scrollTop;
    const fromEnd = MOST_PIXELS - this.#view - scrollTop;
    if (fromEnd <= EXACT_ZONE) return this.#rows * this.rowHeight - this.#view - fromEnd;
    return EXACT_ZONE + (scrollTop - EXACT_ZONE) * this.#ratio;
  }

  #squeeze(top: number): number {
    if (!this.#squeezed || top <= EXACT_ZONE) return top;
    const fromEnd = this.#rows * this.rowHeight - this.#view - top;
    if (fromEnd <= EXACT_ZONE) return MOST_PIXELS - this.#view - fromEnd;
    return EXACT_ZONE + (top - EXACT_ZONE) / this.#ratio;
  }
}
