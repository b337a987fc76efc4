// The scores of a document: one scored text a place, moved with edits, forgotten on demand.
import { expect, it } from 'vitest';
import type { LoadedModel } from '../../../protocol/src/engine.ts';
import { ScoreBook, type Entry } from '../../../server/src/language/scoreBook.ts';
import type { ScoredText } from '../../../server/src/language/scoredText.ts';

const URI = 'untitled:1';
const TEXT = 'Step 1: a.\nStep 2: b.\n---\nStep 1: c.\nStep 2: d.\n';

const scoredAs = (source: string, steps: string[]): ScoredText => ({
  languageId: 'plaintext',
  source,
  problem: '',
  steps,
  scores: steps.map(() => 0.5),
  model: { threshold: 0.5 } as LoadedModel,
  milliseconds: 1,
});

function score(book: ScoreBook, start: number, end: number): Entry {
  const entry = book.open(URI, { start, end }, false, TEXT);
  book.fill(URI, entry, scoredAs(TEXT.slice(start, end), ['x', 'y']));
  return entry;
}

it('keeps texts that do not overlap side by side, and replaces those that do', () => {
  const book = new ScoreBook();
  const first = score(book, 0, 21);
  const second = score(book, 26, 47);
  expect(book.scored(URI)).toEqual([first, second]);
  const third = score(book, 0, 30);
  expect(book.scored(URI)).toEqual([third]);
});

it('moves a text also while its scores are under way', () => {
  const book = new ScoreBook();
  const entry = book.open(URI, { start: 0, end: 21 }, false, TEXT);
  book.edited(URI, { start: 0, end: 0, text: 'Notes\n' }, `Notes\n${TEXT}`);
  book.fill(URI, entry, scoredAs(TEXT.slice(0, 21), ['a.', 'b.']));
  expect(entry.steps(`Notes\n${TEXT}`).map(({ range }) => range)).toEqual([
    { start: 14, end: 16 },
    { start: 25, end: 27 },
  ]);
});

it('drops scores that come for a text that was closed meanwhile', () => {
  const book = new ScoreBook();
  const entry = book.open(URI, { start: 0, end: 21 }, false, TEXT);
  book.clear(URI);
  book.fill(URI, entry, scoredAs('', []));
  expect(book.scored(URI)).toEqual([]);
});

it('grows with a document that was scored whole', () => {
  const book = new ScoreBook();
  const entry = book.open(URI, { start: 0, end: TEXT.length }, true, TEXT);
  const longer = `${TEXT}Step 3: e.\n`;
  book.edited(URI, { start: TEXT.length, end: TEXT.length, text: 'Step 3: e.\n' }, longer);
  expect(entry.region).toEqual({ start: 0, end: longer.length });
});

it('counts what it clears', () => {
  const book = new ScoreBook();
  score(book, 0, 21);
  score(book, 26, 47);
  expect(book.clear('untitled:2')).toBe(0);
  expect(book.clear()).toBe(2);
  expect(book.clear()).toBe(0);
});
