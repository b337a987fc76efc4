// Faults of rows: each at its exact place, with words that a person understands.
import { describe, expect, it } from 'vitest';
import { openLayout } from '../../../../server/src/datasets/layouts/recognise.ts';
import { findFault } from '../../../../server/src/language/rows/rowFaults.ts';
import { readFields, type ReadRow } from '../../../../server/src/language/rows/rowReading.ts';

const GOOD = '{"prompt": "How many?", "completions": ["a", "b"], "labels": [true, false]}';

function reader(row: string): ReadRow {
  const { read } = openLayout([{ number: 1, fields: readFields(row) }]);
  if (read === undefined) throw new Error('No layout fits.');
  return read;
}

/** Code, message and what is underlined. */
function fault(text: string, like = GOOD): [string, string, string] | undefined {
  const found = findFault(text, reader(like));
  return found && [found.code, found.message, text.slice(found.start, found.end)];
}

describe('a row that is no JSON', () => {
  it.each([
    ['{"prompt": "a" "labels": []}', 'a comma is missing here', '"labels"'],
    ['{"prompt" "a"}', 'a colon is missing here', '"a"'],
    ['{"prompt": "a", "labels": [true}', 'a comma is missing here', '}'],
    ['{"prompt": "a", "labels": [true', 'the row ends too early', 'e'],
    ['{"prompt": "a', 'this text has no closing quotation mark', '"a'],
    ['{"prompt": }', 'a value is missing here', '}'],
    ['{"prompt": "a",}', 'a property name in double quotes is missing here', '}'],
    ['{"prompt": "a"} {"prompt": "b"}', 'there is more behind the row; a line holds one row', '{'],
    ['{"labels": [NaN]}', 'NaN is no JSON number; null stands for no value', 'NaN'],
    ['{"labels": [True]}', 'True is Python; JSON has true, false and null', 'True'],
    ["{'labels': [true]}", 'texts stand in double quotes', "'labels'"],
    ['{"prompt": "a\\q"}', 'there is no such escape; a backslash itself is written \\\\', '"a\\q"'],
    ['{"prompt": "a\\u12"}', 'a \\u escape needs four hexadecimal digits', '"a\\u12"'],
    ['{"prompt": "a\tb"}', 'control characters are written as escapes, a line break as \\n', '"a\tb"'],
    ['{"prompt": "a"} // note', 'comments are not allowed', '// note'],
  ])('%s', (text, message, place) => {
    expect(fault(text)).toEqual(['json', `Not JSON: ${message}.`, place]);
  });

  it('is told so whatever JSON.parse refuses', () => {
    for (const text of ['{"a": 01}', '{"a": 1.}', '\u0000', '{', '[', '{"a": +1}', '}{', '"']) {
      const found = fault(text);
      expect(found?.[0]).toBe('json');
      expect(found?.[2].length).toBeGreaterThan(0);
    }
  });

  it('may be nested as deep as it likes', () => {
    expect(fault('['.repeat(200_000))?.[0]).toBe('json');
    expect(fault(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)?.[0]).toBe('no-object');
    expect(fault(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)?.[0]).toBe('missing-field');
  });
});

describe('a row that does not fit its layout', () => {
  it.each([
    ['list-lengths', '{"prompt": "a?", "completions": ["b", "c"], "labels": [true]}', '[true]'],
    ['list-lengths', '{"prompt": "a?", "completions": ["b"], "labels": [true, false]}', '["b"]'],
    ['unknown-label', '{"prompt": "a?", "completions": ["b", "c"], "labels": [true, "maybe"]}', '"maybe"'],
    ['unknown-label', '{"prompt": "a?", "completions": ["b"], "labels": [7]}', '7'],
    ['wrong-type', '{"prompt": "a?", "completions": "b", "labels": [true]}', '"b"'],
    ['wrong-type', '{"prompt": "a?", "completions": ["b", 5], "labels": [true, true]}', '5'],
    ['wrong-type', '{"prompt": 5, "completions": ["b"], "labels": [true]}', '5'],
    ['missing-field', '{"prompt": "a?", "completions": ["b"]}', '{'],
    ['other-layout', '{"question": "a?", "answer": "It is 1 + 1 = <<1+1=2>>2.\\n#### 2"}', '{'],
    ['no-object', '["a"]', '["a"]'],
    ['row', '{"prompt": "a?", "completions": [], "labels": []}', '[]'],
  ])('%s: %s', (code, text, place) => {
    const found = fault(text);
    expect(found?.[0]).toBe(code);
    expect(found?.[2]).toBe(place);
  });

  it('is told with both counts, and with the value', () => {
    expect(fault('{"prompt": "a?", "completions": ["b", "c"], "labels": [true]}')?.[1]).toMatch(/2 .*1 /);
    expect(fault('{"prompt": "a?", "completions": ["b"], "labels": ["maybe"]}')?.[1]).toContain('maybe');
  });

  it('is looked at in every depth', () => {
    const like =
      '{"question": {"problem": "p"}, "label": {"steps": [{"completions": [{"text": "a", "rating": 1}], "chosen_completion": 0}], "finish_reason": "solution"}}';
    expect(fault(like, like)).toBeUndefined();
    const wrong = like.replace('"rating": 1', '"rating": "great"');
    expect(fault(wrong, like)?.slice(0, 1)).toEqual(['unknown-label']);
    expect(fault(wrong, like)?.[2]).toBe('"great"');
  });
});

it('a good row has none', () => {
  expect(fault(GOOD)).toBeUndefined();
});
