// Reading a document for faults again after edits finds what a fresh reading finds, and reads only what changed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { FaultScan, MOST_FAULTS } from '../../../../server/src/language/rows/faultScan.ts';
import { RowDocument } from '../../../../server/src/language/rows/rowDocument.ts';

const GOOD = '{"prompt": "How many?", "completions": ["a", "b"], "labels": [true, false]}';
const SHORT = '{"prompt": "How many?", "completions": ["a", "b"], "labels": [true]}';
const BROKEN = '{"prompt": "How many?';
const never = new AbortController().signal;

function open(text: string): { document: TextDocument; rows: RowDocument; scan: FaultScan } {
  const document = TextDocument.create('file:///rows.jsonl', 'jsonl', 1, text);
  const rows = new RowDocument(document);
  return { document, rows, scan: new FaultScan(rows) };
}

describe('a document', () => {
  it('gives its faults in order, with their rows', async () => {
    const { scan } = open([GOOD, '', SHORT, GOOD, BROKEN, ''].join('\n'));
    const result = await scan.run(never);
    expect(result?.faults.map(({ row, code }) => [row, code])).toEqual([
      [3, 'list-lengths'],
      [5, 'json'],
    ]);
    expect(result?.isCapped).toBe(false);
  });

  it('that is no dataset is left alone', async () => {
    const { scan } = open('{"level": "info", "message": "started"}\n{"level": \n[1, 2\n');
    expect(await scan.run(never)).toBeUndefined();
  });

  it('with more faults than can be shown says so', async () => {
    const { scan } = open([GOOD, ...Array.from({ length: MOST_FAULTS + 50 }, () => SHORT)].join('\n'));
    const result = await scan.run(never);
    expect(result?.faults).toHaveLength(MOST_FAULTS);
    expect(result?.isCapped).toBe(true);
  });

  it('stays a dataset while its only row is half typed', async () => {
    const { document, rows, scan } = open(GOOD);
    expect((await scan.run(never))?.faults).toEqual([]);
    const start = GOOD.indexOf('"labels"');
    const end = { line: 0, character: GOOD.length };
    const change = { range: { start: document.positionAt(start), end }, text: '' };
    TextDocument.update(document, [change], 2);
    rows.edited(start);
    scan.edited({ start, text: '' });
    expect((await scan.run(never))?.faults.map(({ code }) => code)).toEqual(['json']);
  });
});

describe('after edits', () => {
  it('the faults are those of a fresh reading', async () => {
    const line = fc.constantFrom(GOOD, SHORT, BROKEN, '', '"', '{}', '[1]');
    const edit = fc.record({
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(200),
      text: fc
        .array(fc.oneof(line, fc.constantFrom('\n', '\r\n', '\r', 'x', '}')))
        .map((parts) => parts.join('')),
      runs: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(edit, { maxLength: 6 }),
        async (lines, newline, edits) => {
          const { document, rows, scan } = open([GOOD, ...lines].join(newline));
          await scan.run(never);
          for (const [index, { from, length, text, runs }] of edits.entries()) {
            const start = Math.floor(from * document.getText().length);
            const range = { start: document.positionAt(start), end: document.positionAt(start + length) };
            const offset = document.offsetAt(range.start);
            TextDocument.update(document, [{ range, text }], index + 2);
            rows.edited(offset);
            scan.edited({ start: offset, text });
            if (runs) await scan.run(never);
          }
          // What counts as a layout may rest on what the document was before: a fresh reading is told the same.
          const fresh = new FaultScan(rows);
          expect(await scan.run(never)).toEqual(await fresh.run(never));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('only changed lines of a large document are read', async () => {
    const { document, rows, scan } = open(Array.from({ length: 50_000 }, () => GOOD).join('\n'));
    await scan.run(never);
    const position = { line: 40_000, character: GOOD.length - 1 };
    TextDocument.update(document, [{ range: { start: position, end: position }, text: ',' }], 2);
    const start = document.offsetAt(position);
    rows.edited(start);
    scan.edited({ start, text: ',' });
    const began = performance.now();
    const result = await scan.run(never);
    expect(performance.now() - began).toBeLessThan(50);
    expect(result?.faults.map(({ row }) => row)).toEqual([40_001]);
  });

  it('a reading that is stopped goes on where it was', async () => {
    const { scan } = open([...Array.from({ length: 30_000 }, () => GOOD), SHORT].join('\n'));
    const stop = new AbortController();
    const first = scan.run(stop.signal);
    stop.abort();
    expect(await first).toBeUndefined();
    expect((await scan.run(never))?.faults.map(({ row }) => row)).toEqual([30_001]);
  });
});
