// Datasets open as text, over a real connection: labels, hovers, faults, lenses and the outline on rows of every layout.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTree, type Node } from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../protocol/src/commands.ts';
import { TRUST_GRANTED } from '../../../protocol/src/requests.ts';
import { startEditor, type Editor, type OpenDocument } from './editor.ts';
import { diagnosticsOf, foldingOf, lensesOf, publishedFor, symbolsOf } from './textEditor.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/datasets');
const ROW = { prompt: 'How many?', completions: ['One.', 'Two.', 'Three.'], labels: [true, false, false] };

let editor: Editor;
beforeEach(async () => {
  editor = await startEditor('in-band', { workspace: FIXTURES });
});
afterEach(() => editor.close());

async function open(text: string, { lang = 'jsonl', name = 'rows.jsonl' } = {}): Promise<OpenDocument> {
  return editor.open({ lang, text, uri: `file:///work/${name}` });
}

function lines(...rows: unknown[]): string {
  return rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
}

const labelsOf = async (document: OpenDocument): Promise<string[]> =>
  (await document.inlayHints()).map(({ label }) => label);

describe('labels of real rows', () => {
  /** Fixture, layout's title, a step near the beginning as it stands in the file, the first hints. */
  it.each([
    ['math-shepherd/7-rows.jsonl', 'Math\\-Shepherd', 'She spends 40 * 3', ['✓', '✓', '✓', '✓', '✗ ◀']],
    ['prm800k/raw-6-rows.jsonl', 'PRM800K raw', "Let's call the price", ['✓']],
    ['prmbench/circular-4-rows.jsonl', 'PRMBench', 'Assume a pencil', ['✓', '✓', '✓', '✓']],
    ['versaprm/11-questions.json', 'VersaPRM', "I'll call the three", ['✓', '✓', '✓', '✓', '✗']],
    [
      'math-aps/tree-1-row.jsonl',
      'MATH\\-APS tree',
      'To determine the probability',
      ['✓', '✓', '✓', '✓', '✗', '✗ soft 0.19 ◀'],
    ],
    ['math-aps/flat-1-row.jsonl', 'MATH\\-APS flat', 'To solve', ['✓', '✓', '✓', '✗ soft 0.05 ◀']],
    ['mr-gsm8k/first-error-8-rows.jsonl', 'ProcessBench', 'We know that', ['✗ ◀']],
    ['bigbench-mistake/8-rows.jsonl', 'BIG\\-Bench\\-Mistake', "Let's calculate A", ['✓', '✓', '✓', '✗ ◀']],
    ['written-here/er-prm.jsonl', 'ER\\-PRM', '4 * 2 = 8', ['✓ soft 0.88', '✗ ◀', '✓', '~ soft 0.50']],
    ['written-here/openrlhf.jsonl', '', '4 * 2 = 8', ['✓', '✗ ◀']],
    ['written-here/rlhflow.jsonl', 'RLHFlow', '4 * 2 = 8', ['✓', '✗ ◀', '✓', '✓']],
    ['written-here/processbench.jsonl', 'ProcessBench', 'He has 3 + 2', ['✓', '✗ ◀']],
    ['written-here/mr-gsm8k.jsonl', 'MR\\-GSM8K', '7 - 2 = 6', ['✓', '✗ ◀']],
    ['written-here/mr-ben.jsonl', 'MR\\-GSM8K', '10 - 3 = 7', ['✓', '✗ ◀']],
    ['written-here/prm800k-critic.jsonl', 'PRM800K', 'Subtract 1', ['✓']],
  ])('%s', async (file, title, step, first) => {
    const text = readFileSync(path.join(FIXTURES, file), 'utf8');
    const document = await open(text, { lang: file.endsWith('json') ? 'json' : 'jsonl', name: file });
    const labels = await labelsOf(document);
    expect(labels.slice(0, first.length)).toEqual(first);

    // Behind a string's quotation mark, or inside a string that holds several steps.
    const strings = stringsOf(parseLines(text));
    for (const { position } of await document.hints()) {
      const offset = offsetAt(text, position);
      expect(strings.some(({ start, end }) => start < offset && offset <= end)).toBe(true);
    }

    const hover = await document.hoverOn(step);
    expect(hover).toContain(title);
    expect(hover).toMatch(/- \*\*[✓✗~].*\*\* \((?:correct|incorrect|neutral)/);
    const outline = await symbolsOf(editor, document);
    expect(outline.length).toBeGreaterThan(0);
    expect(outline[0]?.children?.length).toBeGreaterThan(0);
  });

  it('come from the bundled server, too', async () => {
    await editor.close();
    editor = await startEditor('spawned', { workspace: FIXTURES });
    const document = await open(lines(ROW, 'oops'));
    expect(await labelsOf(document)).toEqual(['✓', '✗ ◀', '✗']);
    expect((await diagnosticsOf(editor, document)).map(({ code }) => code)).toEqual(['json']);
    expect(await document.hoverOn('Two.')).toContain('- **✗ ◀ 2: Two\\.** (incorrect)');
  });

  it('of GSM8K there are none, but its rows are shown', async () => {
    const text = readFileSync(path.join(FIXTURES, 'gsm8k/train-5-rows.jsonl'), 'utf8');
    const document = await open(text);
    expect(await labelsOf(document)).toEqual([]);
    expect(await document.hoverOn('<<48/2=24>>')).toMatch(/GSM8K.*3 steps · no labels/);
  });
});

describe('labels', () => {
  it('are those of the rows that are asked for', async () => {
    const document = await open(lines(...Array.from({ length: 300 }, () => ROW)));
    expect(await document.inlayHints()).toHaveLength(900);
    const some = await editor.ask<unknown[]>('textDocument/inlayHint', {
      textDocument: { uri: document.uri },
      range: { start: { line: 10, character: 0 }, end: { line: 11, character: 0 } },
    });
    expect(some).toHaveLength(3);
  });

  it('follow each edit, and a layout that changes', async () => {
    const document = await open(lines(ROW));
    expect(await labelsOf(document)).toEqual(['✓', '✗ ◀', '✗']);
    await document.replace('[true,false,false]', '[true,true,false]');
    expect(await labelsOf(document)).toEqual(['✓', '✓', '✗ ◀']);
    await document.replace('[true,true,false]', '[true,true');
    expect(await labelsOf(document)).toEqual([]);
    await document.replace('[true,true', '[0.9,0.5,null]');
    expect(await labelsOf(document)).toEqual(['✓ soft 0.90', '~ soft 0.50']);
    const { text } = document;
    await document.replace(text.trim(), '{"problem": "p?", "steps": ["a", "b"], "label": 1}');
    expect(await labelsOf(document)).toEqual(['✓', '✗ ◀']);
  });

  it('can be switched off', async () => {
    await editor.configure({ inlayHints: { labels: false } });
    const document = await open(lines(ROW));
    await expect.poll(() => labelsOf(document)).toEqual([]);
    await editor.configure({});
    await expect.poll(() => labelsOf(document)).toEqual(['✓', '✗ ◀', '✗']);
  });

  it('are not put into files that are no datasets', async () => {
    for (const text of [
      '{"level":"info"}\n{"level":\n',
      '',
      '\n\n',
      '[1,2,3]',
      'no JSON',
      '{"steps": 3}\n',
    ]) {
      const document = await open(text);
      expect(await labelsOf(document)).toEqual([]);
      expect(await document.hover({ line: 0, character: 1 })).toBeUndefined();
      expect(await lensesOf(editor, document)).toEqual([]);
      expect(await symbolsOf(editor, document)).toEqual([]);
      await document.close();
    }
  });
});

describe('faults', () => {
  it('are marked at their place, and go when they are mended', async () => {
    const document = await open(
      lines(
        ROW,
        { ...ROW, labels: [true, false] },
        { ...ROW, labels: [true, 'perhaps', false] },
        '{"prompt": "How many?", "completions": ["One."] "labels": [true]}',
        { prompt: 'p?', completions: 'One.', labels: [true] },
        { prompt: 'p?', labels: [true] },
        { question: 'p?', answer: 'It is <<1+1=2>>2.\n#### 2' },
      ),
    );
    const found = await diagnosticsOf(editor, document);
    const rows = document.text.split('\n');
    expect(
      found.map(({ range: { start, end }, code, severity, source }) => [
        start.line,
        rows[start.line]?.slice(start.character, end.character),
        code,
        severity,
        source,
      ]),
    ).toEqual([
      [1, '[true,false]', 'list-lengths', 2, 'PRM'],
      [2, '"perhaps"', 'unknown-label', 2, 'PRM'],
      [3, '"labels"', 'json', 1, 'PRM'],
      [4, '"One."', 'wrong-type', 2, 'PRM'],
      [5, '{', 'missing-field', 2, 'PRM'],
      [6, '{', 'other-layout', 2, 'PRM'],
    ]);
    expect(found[0]?.message).toBe('Lists of different length (3 completions, 2 labels).');
    expect(found[2]?.message).toBe('Not JSON: a comma is missing here.');

    await document.replace('"perhaps"', 'null');
    const left = await diagnosticsOf(editor, document, (all) => all.length === 5);
    expect(left.map(({ code }) => code)).not.toContain('unknown-label');
    await document.insertBefore('{', '\n\n');
    const moved = await diagnosticsOf(editor, document, (all) => all[0]?.range.start.line === 3);
    expect(moved.map(({ range }) => range.start.line)).toEqual([3, 5, 6, 7, 8]);
  });

  it('of other JSON Lines files are nobody’s business', async () => {
    const other = await open('{"level": "info"}\n{"level": oops}\n', { name: 'log.jsonl' });
    const dataset = await open(lines(ROW, 'oops'));
    await diagnosticsOf(editor, dataset);
    expect(publishedFor(editor, other)).toEqual([]);
  });

  it('are taken away with the setting and with the document', async () => {
    const document = await open(lines(ROW, 'oops'));
    await diagnosticsOf(editor, document);
    await editor.configure({ diagnostics: { enabled: false } });
    await diagnosticsOf(editor, document, (all) => all.length === 0);
    await editor.configure({});
    await diagnosticsOf(editor, document, (all) => all.length === 1);
    await document.close();
    await diagnosticsOf(editor, document, (all) => all.length === 0);
  });

  it('are told up to a limit, and the limit is told', async () => {
    const document = await open(lines(ROW, ...Array.from({ length: 700 }, () => ({ ...ROW, labels: [] }))));
    const found = await diagnosticsOf(editor, document);
    expect(found).toHaveLength(501);
    expect(found.at(-1)).toMatchObject({ code: 'more-rows', severity: 3 });
    expect(found.at(-1)?.message).toContain('500');
  });
});

describe('code lenses', () => {
  it('open, format and score with the right arguments', async () => {
    const document = await open(lines(ROW, ROW), { name: 'with space/rows.jsonl' });
    const lenses = await lensesOf(editor, document);
    expect(lenses.map(({ range, command }) => [range.start.line, command?.title])).toEqual([
      [0, 'Open as Dataset'],
      [0, 'Format…'],
      [0, 'Score'],
      [1, 'Score'],
    ]);
    expect(lenses.every(({ command }) => command !== undefined && command.command in COMMANDS)).toBe(true);
    const [openLens, formatLens, , scoreLens] = lenses.map(
      ({ command }) => command?.arguments?.[0] as unknown,
    );
    expect(openLens).toEqual({ forPerson: { path: '/work/with space/rows.jsonl' } });
    expect(formatLens).toBe(document.uri);
    expect(scoreLens).toEqual({
      forPerson: {
        uri: document.uri,
        range: { start: { line: 1, character: 0 }, end: { line: 1, character: JSON.stringify(ROW).length } },
      },
    });
  });

  it('of a large file stand above its first row only', async () => {
    const document = await open(lines(...Array.from({ length: 400 }, () => ROW)));
    expect((await lensesOf(editor, document)).map(({ command }) => command?.title)).toEqual([
      'Open as Dataset',
      'Format…',
      'Score',
    ]);
  });

  it('of an unsaved document only score, and of a workspace do not before it is trusted', async () => {
    const unsaved = await editor.open({ lang: 'jsonl', text: lines(ROW) });
    expect((await lensesOf(editor, unsaved)).map(({ command }) => command?.title)).toEqual(['Score']);
    await editor.close();
    editor = await startEditor('in-band', { workspace: FIXTURES, trusted: false });
    const untrusted = await editor.open({ lang: 'jsonl', text: lines(ROW) });
    expect(await lensesOf(editor, untrusted)).toEqual([]);
    await editor.notify(TRUST_GRANTED.method, {});
    await editor.until({ method: 'workspace/codeLens/refresh' }, () => true);
    expect((await lensesOf(editor, untrusted)).map(({ command }) => command?.title)).toEqual(['Score']);
  });
});

describe('outline and folding', () => {
  it('name rows and steps', async () => {
    const document = await open(lines(ROW, { ...ROW, prompt: 'Where?', labels: [true, true, null] }));
    const outline = await symbolsOf(editor, document);
    expect(outline.map(({ name, detail }) => [name, detail])).toEqual([
      ['1: How many?', '3 steps, first wrong 2'],
      ['2: Where?', '3 steps'],
    ]);
    expect(outline[0]?.children?.map(({ name }) => name)).toEqual([
      '✓ 1: One.',
      '✗ ◀ 2: Two.',
      '✗ 3: Three.',
    ]);
    expect(await foldingOf(editor, document)).toBeNull();
  });

  it('fold the rows of a list', async () => {
    const text = JSON.stringify([{ problem: 'p?', steps: ['a', 'b'], label: 1 }], null, 2);
    const document = await open(text, { lang: 'json', name: 'list.json' });
    expect(await labelsOf(document)).toEqual(['✓', '✗ ◀']);
    expect(await foldingOf(editor, document)).toEqual([{ startLine: 1, endLine: 8 }]);
  });
});

function parseLines(text: string): { root: Node; start: number }[] {
  let start = 0;
  const parts = text.startsWith('[') ? [text] : text.split('\n');
  return parts.flatMap((line) => {
    const at = start;
    start += line.length + 1;
    const root = parseTree(line);
    return root === undefined ? [] : [{ root, start: at }];
  });
}

function stringsOf(rows: { root: Node; start: number }[]): { start: number; end: number }[] {
  const all = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(all)];
  return rows.flatMap(({ root, start }) =>
    all(root)
      .filter(({ type }) => type === 'string')
      .map(({ offset, length }) => ({ start: start + offset, end: start + offset + length })),
  );
}

function offsetAt(text: string, { line, character }: { line: number; character: number }): number {
  return text.split('\n').slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character;
}
