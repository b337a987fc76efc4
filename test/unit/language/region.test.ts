// A region keeps its place while the text around and in it is edited.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveRegion, snapRegion, type Edit, type Region } from '../../../server/src/language/region.ts';

/** Applies an edit to a text in which `[` and `]` mark the region. */
function edited(marked: string, change: { at: number; remove?: number; insert?: string }): string {
  const region: Region = { start: marked.indexOf('['), end: marked.indexOf(']') - 1 };
  const text = marked.replace('[', '').replace(']', '');
  const edit: Edit = { start: change.at, end: change.at + (change.remove ?? 0), text: change.insert ?? '' };
  const after = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  const { start, end } = moveRegion(region, edit);
  return `${after.slice(0, start)}[${after.slice(start, end)}]${after.slice(end)}`;
}

describe('a region', () => {
  it.each([
    ['moves with text inserted before it', { at: 0, insert: 'xx' }, 'xxab[cde]fg'],
    ['moves with text removed before it', { at: 0, remove: 1 }, 'b[cde]fg'],
    ['stays when text behind it changes', { at: 6, remove: 1, insert: 'xyz' }, 'ab[cde]fxyz'],
    ['grows with text inside it', { at: 3, insert: 'xx' }, 'ab[cxxde]fg'],
    ['shrinks with text inside it', { at: 3, remove: 1 }, 'ab[ce]fg'],
    ['takes in what is typed at its end', { at: 5, insert: '!' }, 'ab[cde!]fg'],
    ['takes in what is typed at its start', { at: 2, insert: '1' }, 'ab[1cde]fg'],
    ['leaves a new line at its end outside', { at: 5, insert: '\nnew' }, 'ab[cde]\nnewfg'],
    ['leaves a new line at its start outside', { at: 2, insert: 'new\n' }, 'abnew\n[cde]fg'],
    ['loses what is removed across its end', { at: 4, remove: 2 }, 'ab[cd]g'],
    ['loses what is removed across its start', { at: 1, remove: 2 }, 'a[de]fg'],
    ['becomes empty when all of it is removed', { at: 0, remove: 7 }, '[]'],
  ])('%s', (_, change, expected) => {
    expect(edited('ab[cde]fg', change)).toBe(expected);
  });

  it('grows from empty with what is put there', () => {
    expect(edited('ab[]fg', { at: 2, insert: 'cde\n' })).toBe('ab[cde\n]fg');
  });

  it('lies within the text after any edits', () => {
    const edits = fc.array(
      fc.record({ at: fc.nat(40), remove: fc.nat(10), insert: fc.string({ maxLength: 6 }) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(fc.string({ minLength: 5, maxLength: 30 }), fc.nat(4), edits, (original, from, changes) => {
        let text = original;
        let region: Region = { start: from, end: original.length };
        for (const { at, remove, insert } of changes) {
          const start = Math.min(at, text.length);
          const edit = { start, end: Math.min(text.length, start + remove), text: insert };
          text = text.slice(0, edit.start) + insert + text.slice(edit.end);
          region = moveRegion(region, edit);
          expect(region.start).toBeGreaterThanOrEqual(0);
          expect(region.end).toBeGreaterThanOrEqual(region.start);
          expect(region.end).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });

  it('finds its text again after any edit and its undo', () => {
    const text = 'Before.\nA problem?\nStep 1: one.\nStep 2: two.\nAfter.';
    const source = text.slice(8, -7);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 8 }), (a, b, insert) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const removed = text.slice(start, end);
        const changed = text.slice(0, start) + insert + text.slice(end);
        const forth = { start, end, text: insert };
        const back = { start, end: start + insert.length, text: removed };
        let region = moveRegion({ start: 8, end: text.length - 7 }, forth);
        region = snapRegion(region, { start, end: start + insert.length }, source, changed);
        region = moveRegion(region, back);
        region = snapRegion(region, { start, end: start + removed.length }, source, text);
        expect(text.slice(region.start, region.end)).toBe(source);
      }),
    );
  });
});
