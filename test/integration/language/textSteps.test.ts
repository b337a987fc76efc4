// `.steps` documents, over a real connection: labels are shown, unknown ones marked, and a model never reads them.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeSmallModel } from '../../support/smallModel.ts';
import { startEditor, type Editor } from './editor.ts';
import { diagnosticsOf, foldingOf, lensesOf, symbolsOf } from './textEditor.ts';

const LABELLED = `Problem: A box holds 12 eggs. How many eggs are in 4 boxes?
  Count them all.

Step 1: Four boxes hold 4 * 12 = 48 eggs. [+]
Step 2: Of them 48 - 5 = 45 are whole.
  Five are broken. [-]
Step 3: The answer is 45. [0]
Step 4: That is all.
`;
const FREE = `How many eggs are in 4 boxes of 12?

4 * 12 = 48 [+]
#### 47 [-]
`;
const MODEL = '.prm/runs/small/best_model';

let workspace: string;
let editor: Editor;

beforeAll(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), 'prm-steps-')));
  await writeSmallModel(path.join(workspace, '.prm/runs/small'), 'best_model');
});
afterAll(() => rm(workspace, { recursive: true }));
afterEach(() => editor.close());

async function start(): Promise<Editor> {
  editor = await startEditor('in-band', {
    workspace,
    settings: { model: { path: MODEL }, device: 'cpu' },
  });
  return editor;
}

const unlabelled = (text: string): string => text.replace(/ \[[-+0]\]$/gm, '');

describe('a .steps document', () => {
  it('shows its labels in hints, hovers, outline and folding', async () => {
    const client = await start();
    const document = await client.open({ lang: 'prm-steps', text: LABELLED });
    expect(await document.inlayHints()).toEqual([
      { line: 3, label: '✓' },
      { line: 5, label: '✗ ◀' },
      { line: 6, label: '~' },
    ]);
    const lines = LABELLED.split('\n');
    const ends = (await document.hints()).map(({ position }) =>
      lines[position.line]?.slice(position.character - 3),
    );
    expect(ends).toEqual(['[+]', '[-]', '[0]']);
    const hover = await document.hoverOn('48 - 5');
    expect(hover).toContain('4 steps · first wrong step 2');
    expect(hover).toContain(
      '- **✗ ◀ 2: Of them 48 \\- 5 \\= 45 are whole\\. Five are broken\\.** (incorrect)',
    );
    expect((await symbolsOf(client, document)).map(({ name }) => name)).toEqual([
      'Problem: A box holds 12 eggs. How many eggs are in 4 boxes? Count them all.',
      '✓ 1: Four boxes hold 4 * 12 = 48 eggs.',
      '✗ ◀ 2: Of them 48 - 5 = 45 are whole. Five are broken.',
      '~ 3: The answer is 45.',
      '4: That is all.',
    ]);
    expect(await foldingOf(client, document)).toEqual([
      { startLine: 0, endLine: 1 },
      { startLine: 4, endLine: 5 },
    ]);
    expect(await lensesOf(client, document)).toEqual([]);
  });

  it('without labels shows none, and no hover before it is scored', async () => {
    const client = await start();
    const document = await client.open({ lang: 'prm-steps', text: unlabelled(LABELLED) });
    expect(await document.inlayHints()).toEqual([]);
    expect(await document.hoverOn('48 - 5')).toBeUndefined();
  });

  it('has its marks told that are no labels', async () => {
    const client = await start();
    const document = await client.open({ lang: 'prm-steps', text: LABELLED.replace('[0]', '[good]') });
    const [mark, ...others] = await diagnosticsOf(client, document);
    expect(others).toEqual([]);
    expect(mark).toMatchObject({ code: 'unknown-label', range: document.rangeOf('[good]') });
    expect(mark?.message).toContain('[+] is correct');
    await document.replace('[good]', '[+]');
    expect(await diagnosticsOf(client, document, (all) => all.length === 0)).toEqual([]);
  });
});

describe.each([
  ['as it is written', LABELLED],
  ['written freely', FREE],
])('scoring a document with labels, %s', (_, text) => {
  it('reads what a model reads without them', async () => {
    const client = await start();
    const labelled = await client.open({ lang: 'prm-steps', text });
    const plain = await client.open({ lang: 'prm-steps', text: unlabelled(text) });
    const [one, other] = [await labelled.score(), await plain.score()];
    expect(one.problem).toBe(other.problem);
    const read = (report: typeof one): [string, number][] =>
      report.steps.map((step) => [step.text, step.score]);
    expect(read(one)).toEqual(read(other));
    expect(one.steps.every((step) => !step.text.includes('['))).toBe(true);
  });
});

describe('a score and a label of one step', () => {
  it('stand behind it together, the label first, a disagreement marked', async () => {
    const client = await start();
    const document = await client.open({ lang: 'prm-steps', text: LABELLED });
    const report = await document.score();
    const hints = await document.inlayHints();
    expect(hints.map(({ line }) => line)).toEqual([3, 5, 6, 7]);
    const labels = ['correct', 'incorrect', 'neutral', undefined];
    hints.forEach(({ label }, index) => {
      const step = report.steps[index];
      const given = labels[index];
      const differs = (given === 'correct' || given === 'incorrect') && given !== step?.label;
      const score = `${step?.label === 'correct' ? '✓' : '✗'} \\d\\.\\d\\d(?: ◀)?`;
      const mark = ['✓ · ', '✗ ◀ · ', '~ · ', ''][index];
      expect(label).toMatch(new RegExp(`^${mark}${score}${differs ? ' ≠' : ''}$`));
    });
    const hover = await document.hoverOn('Four boxes');
    expect(hover).toMatch(/- \*\*✓ 1: .*\(correct\)[^]*---[^]*Step 1 of 4: [✓✗] \d\.\d{4}/);
    expect(hover?.includes('disagrees')).toBe(report.steps[0]?.label === 'incorrect');
  });

  it('do so in a row of a dataset, behind its string', async () => {
    const client = await start();
    const row = {
      prompt: 'How many?',
      completions: ['1 + 1 = 2.', '', '#### 2'],
      labels: [true, true, false],
    };
    const text = JSON.stringify(row);
    const document = await client.open({ lang: 'jsonl', text });
    await document.score(text);
    const hints = await document.hints();
    expect(hints.map(({ position }) => text.slice(position.character - 2, position.character))).toEqual([
      '."',
      '""',
      '2"',
    ]);
    expect(hints.map(({ label }) => label)).toEqual([
      expect.stringMatching(/^✓ · [✓✗] \d\.\d\d( ◀)?( ≠)?$/),
      '✓',
      expect.stringMatching(/^✗ ◀ · [✓✗] \d\.\d\d( ◀)?( ≠)?$/),
    ]);
    await client.configure({ ...client.settings, inlayHints: { labels: false } });
    await expect
      .poll(async () => (await document.inlayHints()).map(({ label }) => label))
      .toEqual([
        expect.stringMatching(/^[✓✗] \d\.\d\d( ◀)?$/),
        expect.stringMatching(/^[✓✗] \d\.\d\d( ◀)?$/),
      ]);
  });
});
