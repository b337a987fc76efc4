// Lists of texts as Python prints them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPythonList } from '../../../../server/src/datasets/layouts/pythonList.ts';

describe('readPythonList', () => {
  // What Python's `repr` gives for these lists.
  it.each([
    [`['a']`, ['a']],
    ['[]', []],
    [`["it's"]`, ["it's"]],
    [`['say "hi"']`, ['say "hi"']],
    [`['both \\' and "']`, [`both ' and "`]],
    [`['line\\nbreak', 'tab\\t', '\\\\back\\\\slash']`, ['line\nbreak', 'tab\t', '\\back\\slash']],
    [`['é\\u200b\\x07\\x7f😀']`, ['é\u200b\x07\x7f😀']],
    [`['[', ']', ", '"]`, ['[', ']', ", '"]],
    [` [ 'a' , 'b', ] `, ['a', 'b']],
    [`['\\U0001F600 \\d']`, ['😀 \\d']],
  ])('reads %s', (text, items) => {
    expect(readPythonList(text)).toEqual(items);
  });

  it.each([
    '',
    '[',
    "['a'",
    "['a]",
    "['a' 'b']",
    '[a]',
    '[1]',
    "['\\x4']",
    "['\\UFFFFFFFF']",
    "[,'a']",
    "['a']]",
    "['a\\",
  ])('refuses %j', (text) => {
    expect(readPythonList(text)).toBeUndefined();
  });

  it('reads what is written by its rules', () => {
    const quoted = (text: string): string =>
      `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (items) => {
        expect(readPythonList(`[${items.map(quoted).join(', ')}]`)).toEqual(items);
      }),
    );
  });

  it('answers any text, long ones in no time', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('[', ']', "'", '"', '\\', ',', ' ', 'x', 'u0')), (parts) => {
        readPythonList(`[${parts.join('')}]`);
      }),
    );
    expect(readPythonList(`['${'\\\\'.repeat(1_000_000)}']`)?.[0]).toHaveLength(1_000_000);
    expect(readPythonList(`[${"'a', ".repeat(500_000)}'a']`)).toHaveLength(500_001);
    expect(readPythonList(`[${"'".repeat(1_000_001)}]`)).toBeUndefined();
  });
});
