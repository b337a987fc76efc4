import { describe, expect, it } from 'vitest';
import { base64OfText, csvText } from '../../../../webview/src/dashboard/files/csv.ts';

describe('CSV', () => {
  it('ends each row with CR LF and leaves nulls and what is no number empty', () => {
    expect(
      csvText([
        ['a', 'b'],
        [1, null],
        [0.5, NaN],
      ]),
    ).toBe('a,b\r\n1,\r\n0.5,\r\n');
  });

  it('quotes what RFC 4180 asks for', () => {
    expect(csvText([['a,b', 'say "x"', 'two\nlines']])).toBe('"a,b","say ""x""","two\nlines"\r\n');
  });

  it('lets no name of a run be taken for a formula; numbers may be negative', () => {
    expect(csvText([['=HYPERLINK("x")', '+1', '@x', '-x', -1.5]])).toBe(
      '"\'=HYPERLINK(""x"")",\'+1,\'@x,\'-x,-1.5\r\n',
    );
  });

  it('becomes base64 of its UTF-8 bytes', () => {
    const text = 'Schritt é 雪 🙂\r\n';
    expect(base64OfText(text)).toBe(Buffer.from(text, 'utf8').toString('base64'));
  });
});
