import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowScroll } from '../../../../webview/src/dataset/table/rowScroll.ts';

const HEIGHT = 26;
const VIEW = 600;
/** What Chromium can lay out. */
const LIMIT = 33_554_431;

function scroll(rows: number, view = VIEW): RowScroll {
  const rowScroll = new RowScroll(HEIGHT);
  rowScroll.resize(rows, view);
  return rowScroll;
}

const manyRows = fc.integer({ min: 1, max: 2_000_000_000 });

describe('rows under a scroll bar', () => {
  it('are as high as their rows where the browser can lay them out, and never higher than it can', () => {
    expect(scroll(1000).height).toBe(26_000);
    expect(scroll(2_000_000_000).height).toBeLessThan(LIMIT);
  });

  it('brings exactly the wanted row into view, wholly, whatever the length', () => {
    fc.assert(
      fc.property(manyRows, fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
        const row = Math.min(rows - 1, Math.floor(rows * share));
        const subject = scroll(rows);
        for (const align of ['nearest', 'start', 'center'] as const) {
          subject.reveal(row, align);
          expect(subject.top).toBeLessThanOrEqual(row * HEIGHT);
          expect(subject.top + VIEW).toBeGreaterThanOrEqual(Math.min((row + 1) * HEIGHT, rows * HEIGHT));
          const { first, last } = subject.visible();
          expect(first).toBeLessThanOrEqual(row);
          expect(last).toBeGreaterThanOrEqual(row);
          expect(last - first).toBeLessThanOrEqual(VIEW / HEIGHT + 1);
        }
      }),
    );
  });

  it('does not move the rows when the scroll bar follows them', () => {
    fc.assert(
      fc.property(manyRows, fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
        const subject = scroll(rows);
        subject.reveal(Math.min(rows - 1, Math.floor(rows * share)), 'start');
        const { top } = subject;
        const scrollTop = subject.settle();
        expect(scrollTop).toBeGreaterThanOrEqual(0);
        expect(scrollTop).toBeLessThanOrEqual(Math.max(0, subject.height - VIEW));
        // The browser reports the position that it was given.
        expect(subject.scrolled(scrollTop)).toBe(false);
        expect(subject.top).toBe(top);
      }),
    );
  });

  it('reaches the first and the last row at the ends of the scroll bar', () => {
    for (const rows of [1000, 10_000_000, 2_000_000_000]) {
      const subject = scroll(rows);
      subject.scrolled(subject.height - VIEW);
      expect(subject.visible().last).toBe(rows - 1);
      expect(subject.top).toBe(rows * HEIGHT - VIEW);
      subject.scrolled(0);
      expect(subject.top).toBe(0);
    }
  });

  it('goes down with the scroll bar, never up', () => {
    const subject = scroll(10_000_000);
    let before = -1;
    // Steps far apart, as a dragged scroll bar makes them.
    for (let scrollTop = 0; scrollTop <= subject.height - VIEW; scrollTop += 97_001) {
      subject.scrolled(scrollTop);
      expect(subject.top).toBeGreaterThan(before);
      before = subject.top;
    }
  });

  it('moves by the pixels of the wheel in the middle of ten million rows', () => {
    const subject = scroll(10_000_000);
    subject.reveal(5_000_000, 'start');
    let scrollTop = subject.settle();
    for (let turn = 1; turn <= 50; turn++) {
      scrollTop += 100;
      subject.scrolled(scrollTop);
      expect(subject.top).toBe(5_000_000 * HEIGHT + turn * 100);
    }
    // The scroll bar is put right afterwards, and the rows stay.
    expect(subject.settle()).not.toBe(scrollTop);
    expect(subject.top).toBe(5_000_000 * HEIGHT + 5000);
  });

  it('scrolls by the pixel at both ends', () => {
    const subject = scroll(10_000_000);
    subject.reveal(9_999_990, 'nearest');
    const scrollTop = subject.settle();
    subject.scrolled(scrollTop - 130);
    expect(subject.settle()).toBe(scrollTop - 130);
    subject.scrolled(0);
    subject.scrolled(52);
    expect(subject.top).toBe(52);
    expect(subject.settle()).toBe(52);
  });

  it('has no rows in view where there are none', () => {
    const { first, last } = scroll(0).visible();
    expect(last).toBeLessThan(first);
  });

  it('keeps its row when rows are added, and steps back when they vanish', () => {
    const subject = scroll(1000);
    subject.reveal(500, 'start');
    subject.resize(2_000_000, VIEW);
    expect(subject.top).toBe(500 * HEIGHT);
    subject.resize(100, VIEW);
    expect(subject.visible().last).toBe(99);
    expect(subject.ahead).toBe(true);
  });
});
