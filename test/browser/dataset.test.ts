// The dataset page in a real browser: filters, news of the file, the trace beside the table, what was left comes back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ToDatasetPage } from '../../protocol/src/datasetPage.ts';
import type { DatasetSummary } from '../../protocol/src/datasetSummary.ts';
import type { DatasetNews, DatasetRow, ViewNews } from '../../protocol/src/datasets.ts';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '../../scripts/lib/chromium.ts';
import type { ThemeName } from '../support/themes.ts';
import { openDatasetPage, type OpenedPage, type Straw, type StrawWindow } from './datasetPage.ts';
import { info, straw } from './strawRows.ts';

let browser: Browser;
let folder: string;
let opened: OpenedPage;
let page: Page;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: await ensureChromium(console.log),
    args: CHROMIUM_ARGUMENTS,
  });
  folder = mkdtempSync(path.join(tmpdir(), 'dataset-'));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await page.close();
  expect(opened.complaints).toEqual([]);
});

async function open(
  given: Straw | undefined,
  options: Parameters<typeof openDatasetPage>[3] = {},
): Promise<void> {
  opened = await openDatasetPage(browser, folder, given, options);
  page = opened.page;
  if (given !== undefined) await page.getByRole('grid').waitFor();
}

function tell(message: ToDatasetPage): Promise<void> {
  return opened.tell(message);
}

function change(what: DatasetNews['change']): Promise<void> {
  return tell({ type: 'dataset', news: { dataset: 'd1', change: what } });
}

function viewNews(more: Partial<ViewNews>): Promise<void> {
  const news: ViewNews = {
    dataset: 'd1',
    view: 'v1',
    rows: 0,
    scanned: 0,
    share: 0,
    state: 'running',
    ...more,
  };
  return tell({ type: 'view', news });
}

/** Checks until it holds: the machine may be busy. */
function until<Value>(look: () => Promise<Value>) {
  return expect.poll(look, { timeout: 15_000 });
}

/** Parameters of all questions of a kind. */
async function questions(method: string): Promise<Record<string, unknown>[]> {
  const posted = await opened.posted();
  return posted.flatMap((message) =>
    message.type === 'ask' && message.method === `prm/${method}` ? [message.params] : [],
  );
}

async function actions(): Promise<unknown[]> {
  const posted = await opened.posted();
  return posted.flatMap((message) => (message.type === 'do' ? [message.action] : []));
}

function kept(): Promise<unknown> {
  return page.evaluate(() => (window as unknown as StrawWindow).kept);
}

/** Filters by text, as a person does. */
async function filterByText(text: string): Promise<void> {
  await page.keyboard.press('Control+F');
  await page.getByLabel('Contains').fill(text);
  await page.keyboard.press('Enter');
}

describe('opening', () => {
  it('says that it is ready, and waits visibly', async () => {
    await open(undefined);
    await page.getByRole('status').getByText('Opening').waitFor();
    expect(await opened.posted()).toEqual([{ type: 'ready' }]);
  });

  it('says what the file is', async () => {
    await open(straw(50_916));
    await page.getByRole('heading', { name: 'traces.parquet' }).waitFor();
    await page.getByText('TRL stepwise · 50,916 rows · 5.0 MB').waitFor();
  });

  it('says where the columns are that have no cells, and filters by them', async () => {
    await open({ ...straw(10), info: info(10, { moreColumns: 9000 }) });
    await page.getByText('· 9,000 more columns: see a row’s JSON').waitFor();
    await page.keyboard.press('Control+F');
    await page.getByLabel('Look at').selectOption('A column');
    await page.getByLabel('Column', { exact: true }).fill('column 9999');
    await page.keyboard.press('Enter');
    await until(async () => (await questions('queryDataset')).length).toBe(1);
  });

  it('says why a file cannot be shown, what to do, and tries again', async () => {
    await open(undefined);
    await tell({ type: 'failed', message: 'a.parquet is encrypted.', remedy: 'Decrypt it first.' });
    const alert = page.getByRole('alert');
    await alert.getByText('a.parquet is encrypted.').waitFor();
    await alert.getByText('Decrypt it first.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    expect(await actions()).toEqual([{ kind: 'reload' }]);
    await tell({ type: 'opened', info: info(10) });
    await page.getByRole('grid').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('says that a file has no rows', async () => {
    await open(straw(0));
    await page.getByText('This file has no rows.').waitFor();
  });
});

describe('filters', () => {
  it('stream in, are stopped and cleared', async () => {
    await open(straw(1_000_000, { every: 100 }));
    await filterByText('rectangle');
    await page.getByText('Looking…').waitFor();
    await page.getByText('Nothing found yet…').waitFor();
    expect(await questions('queryDataset')).toEqual([
      { query: { conditions: [{ kind: 'text', text: 'rectangle' }] } },
    ]);
    await viewNews({ rows: 3000, scanned: 340_000, share: 0.341 });
    await page.getByText('3,000 rows found, 34 % looked at').first().waitFor();
    await page.getByText('What is 101 + 101?').waitFor();
    expect((await questions('datasetRows')).at(-1)).toMatchObject({ view: 'v1' });
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await questions('stopView')).toEqual([{ view: 'v1' }]);
    await viewNews({ rows: 3100, scanned: 350_000, share: 0.35, state: 'stopped' });
    await page.getByText('Stopped: 3,100 rows found, 35 % looked at').first().waitFor();
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('3101');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('What is 2 + 2?').waitFor();
    expect(await questions('dropView')).toEqual([{ view: 'v1' }]);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('1000001');
  });

  it('say that nothing was found', async () => {
    await open(straw());
    await filterByText('zebra');
    await viewNews({ scanned: 1_000_000, share: 1, state: 'done' });
    await page.getByText('No row fits these filters.').waitFor();
    await page.getByText('0 rows found of 1,000,000').first().waitFor();
  });

  it('say why a scan failed', async () => {
    await open(straw());
    await filterByText('x');
    await viewNews({ state: 'failed', message: 'Row group 3 is damaged.' });
    await page.getByRole('alert').getByText('Row group 3 is damaged.').waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
  });

  it('hear news that overtake the name of their view', async () => {
    await open(straw(1000, { every: 10 }));
    await page.evaluate(() => {
      // The answer to the query comes last.
      window.addEventListener(
        'message',
        (event: MessageEvent<{ type: string; result?: { view?: string } }>) => {
          if (event.data.type !== 'answer' || event.data.result?.view !== 'v1') return;
          const news = { dataset: 'd1', view: 'v1', rows: 40, scanned: 1000, share: 1, state: 'done' };
          window.dispatchEvent(new MessageEvent('message', { data: { type: 'view', news } }));
        },
        { capture: true, once: true },
      );
    });
    await filterByText('x');
    await page.getByText('40 rows found of 1,000').first().waitFor();
  });

  it('of every kind are written in a form, and stand as chips', async () => {
    await open(straw());
    const kinds: [string, () => Promise<void>, string, object][] = [
      ['A wrong step', () => Promise.resolve(), 'Has a wrong step', { kind: 'has-error', value: true }],
      ['Faulty rows', () => Promise.resolve(), 'Faulty row', { kind: 'faulty' }],
      [
        'Number of steps',
        async () => {
          await page.getByLabel('From', { exact: true }).fill('3');
          await page.getByLabel('to', { exact: true }).fill('8');
        },
        'Steps 3 to 8',
        { kind: 'steps', from: 3, to: 8 },
      ],
      [
        'Place of the first wrong step',
        () => page.getByLabel('From', { exact: true }).fill('2'),
        'First wrong step from 2',
        { kind: 'first-error', from: 2, to: null },
      ],
      [
        'A label',
        async () => void (await page.getByLabel('Rows with a step labelled').selectOption('neutral')),
        'Has a step labelled neutral',
        { kind: 'label', label: 'neutral' },
      ],
      [
        'A column',
        async () => {
          await page.getByLabel('Column', { exact: true }).fill('answer');
          await page.getByRole('combobox', { name: 'Test' }).selectOption('greater');
          await page.getByLabel('Value', { exact: true }).fill('4');
        },
        'answer is greater than “4”',
        { kind: 'column', column: 'answer', test: 'greater', value: '4' },
      ],
    ];
    for (const [kind, fill, chip] of kinds) {
      await page.getByRole('button', { name: 'Filter…' }).click();
      await page.getByLabel('Look at').selectOption(kind);
      await fill();
      await page.getByRole('button', { name: 'Add filter' }).click();
      await page.getByRole('button', { name: chip, exact: true }).waitFor();
    }
    const all = kinds.map(([, , , condition]) => condition);
    expect((await questions('queryDataset')).at(-1)).toEqual({ query: { conditions: all } });
    // A chip is changed where it stands, and taken away.
    await page.getByRole('button', { name: 'Steps 3 to 8', exact: true }).click();
    await page.getByLabel('to', { exact: true }).fill('9');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Steps 3 to 9', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove filter: Faulty row' }).click();
    await until(async () => JSON.stringify((await questions('queryDataset')).at(-1))).not.toContain('faulty');
  });

  it('that are replaced before their view has a name leave none behind, and export nothing', async () => {
    await open(straw(1000));
    await page.evaluate(() => {
      const press = (selector: string) => {
        document.querySelector<HTMLElement>(selector)?.click();
      };
      // Twice in one turn: no answer comes in between.
      press('[role=columnheader][data-column="3"]');
      press('[role=columnheader][data-column="3"]');
      press('.page-bar button[title^="Write the rows"]');
    });
    await page.getByRole('alert').getByText('There are no filtered rows to export.').waitFor();
    expect(await actions()).toEqual([]);
    await until(() => questions('dropView')).toEqual([{ view: 'v1' }]);
    await viewNews({ view: 'v2', rows: 1000, share: 1, state: 'done' });
    await page.getByText('1,000 rows sorted').first().waitFor();
  });

  it('are asked for by a key that VS Code does not get', async () => {
    await open(straw(10));
    // As VS Code does for each page, which then acts on the keys that it knows.
    await page.evaluate(() => {
      window.addEventListener('keydown', ({ key }) => {
        document.title += key;
      });
    });
    await page.keyboard.press('Control+g');
    await until(() => page.evaluate(() => document.activeElement?.id)).toBe('jump');
    await page.keyboard.press('Control+f');
    await page.getByLabel('Contains').waitFor();
    await page.keyboard.press('F8');
    expect(await page.title()).toBe('tControlControlF8');
  });

  it('that cannot be are refused beside their field', async () => {
    await open(straw());
    await page.keyboard.press('Control+F');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await page.getByRole('alert').getByText('Enter the text to look for.').waitFor();
    expect(await page.getByLabel('Contains').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Look at').selectOption('Number of steps');
    await page.getByLabel('From', { exact: true }).fill('9');
    await page.getByLabel('to', { exact: true }).fill('3');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Enter 9 or more').waitFor();
    await page.getByLabel('to', { exact: true }).fill('many');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Enter a whole number from 0').waitFor();
    await page.getByLabel('Look at').selectOption('A column');
    await page.getByLabel('Column', { exact: true }).fill('nothing');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This file has no column “nothing”.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('form').count()).toBe(0);
    expect(await questions('queryDataset')).toEqual([]);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('add-filter');
  });

  it('and order are exported as they are shown', async () => {
    await open(straw());
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByLabel('Sort by').selectOption('number of wrong steps');
    await until(() => questions('queryDataset')).toEqual([
      { query: { conditions: [], sort: { key: { by: 'errors' }, descending: true } } },
    ]);
    await page.getByText('Sorting…').waitFor();
    await viewNews({ rows: 1_000_000, scanned: 1_000_000, share: 1, state: 'done' });
    await page.getByText('What is 1 + 1?').waitFor();
    await page.getByRole('button', { name: 'Export…' }).click();
    expect(await actions()).toEqual([
      { kind: 'export', view: null },
      { kind: 'export', view: 'v1' },
    ]);
  });

  it('keep row numbers: a jump goes to the row with that number', async () => {
    await open(straw(1_000_000, { every: 10 }));
    await filterByText('x');
    await viewNews({ rows: 100_000, scanned: 1_000_000, share: 1, state: 'done' });
    // Row 11 stands among the first rows of the file too; row 191 only comes so far up once the view is shown.
    await page.getByText('What is 191 + 191?').waitFor();
    await page.keyboard.press('Control+G');
    await page.keyboard.type('500001');
    await page.keyboard.press('Enter');
    await page.getByText('What is 500001 + 500001?').waitFor();
    await page.keyboard.press('Control+G');
    await page.keyboard.type('700005');
    await page.keyboard.press('Enter');
    await page.getByText('Row 700,005 is not among the rows found; row 700,011 is shown.').waitFor();
  });
});

describe('the trace beside the table', () => {
  it('posts what the extension has to do', async () => {
    await open(straw());
    await page.getByText('What is 6 + 6?').dblclick();
    await page.getByRole('heading', { name: 'Row 6' }).waitFor();
    await page.getByRole('button', { name: 'Next path' }).click();
    await page.getByText('Problem of row 6, path 1').waitFor();
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.getByRole('button', { name: 'Open as .steps' }).click();
    await page.getByRole('button', { name: 'Format dataset…' }).click();
    expect(await actions()).toEqual([
      { kind: 'copy', position: 5, trace: 1, format: 'json' },
      { kind: 'copy', position: 5, trace: 1, format: 'text' },
      { kind: 'open-steps', position: 5, trace: 1 },
      { kind: 'format' },
    ]);
    await page.getByRole('button', { name: 'Score', exact: true }).click();
    await until(() => questions('scoreRow')).toEqual([{ position: 5, trace: 1 }]);
  });

  it('goes to a wrong step that is not on the page yet', async () => {
    // Runs in the page: no outer names.
    const trace: Straw['trace'] = (position, index, firstStep) => ({
      position,
      number: position + 1,
      trace: {
        problem: 'p',
        index,
        count: 1,
        totalSteps: 600,
        firstStep,
        steps: Array.from({ length: 200 }, (_, step) => ({
          number: firstStep + step + 1,
          text: `Text of step ${firstStep + step + 1}`,
          label: 'correct',
          equations: [],
        })),
        firstError: 500,
        labels: { correct: 599, incorrect: 1, neutral: 0, unlabelled: 0 },
      },
      json: '{}',
    });
    await open(straw(10, { trace }));
    await page.getByText('What is 2 + 2?').dblclick();
    await page.getByRole('button', { name: 'First wrong step: 500' }).click();
    await until(() => page.evaluate(() => document.activeElement?.id)).toBe('trace-step-500');
  });

  it('follows a click on another row, and stands below in a narrow window', async () => {
    await open(straw(), { size: { width: 800, height: 700 } });
    await page.getByText('What is 2 + 2?').dblclick();
    await page.getByRole('heading', { name: 'Row 2' }).waitFor();
    const table = await page.locator('prm-data-table').boundingBox();
    const pane = await page.locator('.pane').boundingBox();
    expect(pane?.y).toBeGreaterThanOrEqual((table?.y ?? 0) + (table?.height ?? 0));
    await page.getByText('What is 4 + 4?').click();
    await page.getByRole('heading', { name: 'Row 4' }).waitFor();
  });
});

describe('the summary', () => {
  it('is asked for when it is looked at, says how far it is, and goes on while rows are shown', async () => {
    await open(straw());
    await page.getByRole('button', { name: 'Summary' }).click();
    await until(() => questions('datasetSummary')).toEqual([{}]);
    const id = (await opened.posted()).findLast((message) => message.type === 'ask')?.id ?? 0;
    await tell({ type: 'progress', id, share: 0.42 });
    await page.getByText('Reading the whole file (42.0 %)').waitFor();
    await page.getByRole('button', { name: 'Rows' }).click();
    await page.getByText('What is 1 + 1?').waitFor();
    expect(await page.locator('.summary-part').count()).toBe(0);
    // It goes on meanwhile and is not asked for again.
    await page.getByRole('button', { name: 'Summary' }).click();
    expect(await questions('datasetSummary')).toHaveLength(1);
  });
});

const EMPTY_SUMMARY: DatasetSummary = {
  path: '/data/traces.parquet',
  bytes: 0,
  layout: info(0).layout,
  schema: { kind: 'parquet', columns: [] },
  rows: 0,
  traceRows: 0,
  traces: 0,
  problems: 0,
  problemsExact: true,
  steps: 0,
  emptySteps: 0,
  labels: { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 },
  softLabels: 0,
  tracesWithError: 0,
  stepsPerTrace: null,
  firstError: null,
  problemCharacters: null,
  stepCharacters: null,
  wrappers: {},
  columns: [],
  faults: [],
  seconds: 2,
};

describe('news of the file', () => {
  it('let it grow, and say so once', async () => {
    await open(straw(100));
    await change({ kind: 'known', known: { rows: 150, complete: true, share: 1 } });
    await page.getByText('150 rows · 5.0 MB').waitFor();
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('151');
    await page.getByText('The file has grown to 150 rows.').waitFor({ state: 'attached' });
  });

  it('say what was found or summarised before it grew', async () => {
    await open(straw(100, { every: 10, summary: EMPTY_SUMMARY }));
    await page.getByRole('button', { name: 'Summary' }).click();
    await page.getByText('Made in 2.0 s.').waitFor();
    await page.getByRole('button', { name: 'Rows' }).click();
    await filterByText('x');
    await viewNews({ rows: 10, scanned: 100, share: 1, state: 'done' });
    await page.getByText('10 rows found of 100').first().waitFor();
    await change({ kind: 'known', known: { rows: 150, complete: true, share: 1 } });
    await page.getByText('10 rows found of 100; the file has grown since').first().waitFor();
    await page.getByRole('button', { name: 'Search again' }).click();
    await until(async () => (await questions('queryDataset')).length).toBe(2);
    await page.getByRole('button', { name: 'Summary' }).click();
    await page.getByText('Made in 2.0 s, before the file grew.').waitFor();
  });

  it('count a file that is still being read', async () => {
    await open({ ...straw(), info: info(500, { known: { rows: 500, complete: false, share: 0.02 } }) });
    await page.getByText('500 rows so far, 2 % of the file read').waitFor();
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('-1');
    await change({ kind: 'known', known: { rows: 9000, complete: true, share: 1 } });
    await page.getByText('TRL stepwise · 9,000 rows').waitFor();
  });

  it('read a replaced file again, and keep the place', async () => {
    await open(straw(10_000));
    await page.keyboard.press('Control+G');
    await page.keyboard.type('5000');
    await page.keyboard.press('Enter');
    await page.getByText('What is 5000 + 5000?').waitFor();
    const before = (await questions('datasetRows')).length;
    await change({ kind: 'replaced', info: info(8000, { bytes: 4_000_000 }) });
    await page.getByText('8,000 rows · 4.0 MB').waitFor();
    await page.getByText('What is 5000 + 5000?').waitFor();
    await until(async () => (await questions('datasetRows')).length).toBeGreaterThan(before);
  });

  it('keep the rows of a file that is gone, and say what to do', async () => {
    await open(straw(100));
    await page.getByText('What is 1 + 1?').waitFor();
    await change({ kind: 'gone', message: 'traces.parquet is gone. The rows that were read stay here.' });
    const alert = page.getByRole('alert');
    await alert.getByText('traces.parquet is gone. The rows that were read stay here.').waitFor();
    expect(await page.getByText('What is 1 + 1?').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Read the file again' }).click();
    expect(await actions()).toEqual([{ kind: 'reload' }]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await alert.count()).toBe(0);
  });

  it('ask for the filtered rows again when the reader was started anew', async () => {
    await open(straw(1000, { every: 10 }));
    await filterByText('x');
    await viewNews({ rows: 50, share: 1, state: 'done' });
    await page.getByText('What is 11 + 11?').waitFor();
    const message = 'The reader ran out of memory and was started again.';
    await change({ kind: 'restarted', message, info: info(1000) });
    await page.getByRole('alert').getByText('ran out of memory').waitFor();
    await until(async () => (await questions('queryDataset')).length).toBe(2);
    await viewNews({ view: 'v2', rows: 60, share: 1, state: 'done' });
    await page.getByText('60 rows found of 1,000').first().waitFor();
    await page.getByText('What is 11 + 11?').waitFor();
  });

  it('go to the row that a command names, also from filtered rows', async () => {
    await open(straw(1000, { every: 10 }));
    await filterByText('x');
    await viewNews({ rows: 50, share: 1, state: 'done' });
    await tell({ type: 'goto', row: 777 });
    await page.getByText('What is 777 + 777?').waitFor();
    expect(await questions('dropView')).toEqual([{ view: 'v1' }]);
    await tell({ type: 'goto', row: 5001 });
    await page.getByRole('alert').getByText('The last row is 1,000.').waitFor();
  });
});

describe('what was left', () => {
  it('comes back: place, widths, open row', async () => {
    await open(straw(100_000));
    await page.keyboard.press('Control+G');
    await page.keyboard.type('70000');
    await page.keyboard.press('Enter');
    await page.getByText('What is 70000 + 70000?').dblclick();
    await page.getByRole('heading', { name: 'Row 70,000' }).waitFor();
    await page.getByRole('separator', { name: 'Width of problem' }).focus();
    await page.keyboard.press('End');
    await until(kept).toMatchObject({
      widths: { '=problem': 1200 },
      open: { place: 69_999, position: 69_999, path: 0 },
    });
    const state = await kept();
    await page.close();
    // A text file, whose rows are counted again.
    const begun = info(100, { known: { rows: 100, complete: false, share: 0 } });
    await open(straw(100_000, { info: begun, kept: state }));
    await page.getByRole('heading', { name: 'Row 70,000' }).waitFor();
    await page.getByText('What is 1 + 1?').waitFor();
    await change({ kind: 'known', known: { rows: 100_000, complete: true, share: 1 } });
    await page.locator('[aria-rowindex="70001"]').waitFor();
    const width = await page.getByRole('columnheader', { name: 'problem' }).boundingBox();
    expect(width?.width).toBe(1200);
  });

  it('comes back: filters and order', async () => {
    const query = {
      conditions: [
        { kind: 'has-error', value: true },
        { kind: 'column', column: 'gone', test: 'is-null', value: '' },
      ],
      sort: { key: { by: 'steps' }, descending: true },
    };
    await open(straw(1000, { kept: { query } }));
    await page.getByRole('button', { name: 'Has a wrong step', exact: true }).waitFor();
    // What this file's columns cannot answer any more is left out.
    expect(await questions('queryDataset')).toEqual([
      { query: { conditions: [query.conditions[0]], sort: query.sort } },
    ]);
  });
});

describe('text from a dataset', () => {
  /** Runs in the page. */
  const nastyRow = (position: number): DatasetRow => ({
    position,
    number: position + 1,
    cells: [
      '<img src=x onerror="window.hacked=1">',
      '[click](javascript:window.hacked=1) <a href="command:workbench.action.quit">x</a>',
      '</style><style>*{display:none}</style>',
      '\u202Egnp.exe \u2066x\u0000y',
    ].map((text) => ({ kind: 'text', text })),
    marks: { traces: 1, steps: 1, labels: ['correct'], firstError: null },
  });

  it('is only ever text: in cells, headers, chips, messages and tooltips', async () => {
    const name = '<b onclick=alert(1)>n</b>';
    await open({
      info: info(10, {
        name,
        columns: [
          { name: '<script>window.hacked=1</script>', type: '<i>t</i>' },
          { name: 'b"><img src=x>', type: 'string' },
          { name: '__proto__', type: 'string' },
          { name: '\u202Edc', type: 'string' },
        ],
      }),
      row: nastyRow,
    });
    await page.getByText('<img src=x onerror="window.hacked=1">').first().waitFor();
    await page.getByRole('heading', { name }).waitFor();
    await page.getByRole('columnheader', { name: '<script>window.hacked=1</script> <i>t</i>' }).waitFor();
    await filterByText('<img src=x onerror=alert(1)>');
    await page.getByText('Contains “<img src=x onerror=alert(1)>”').first().waitFor();
    await viewNews({ state: 'failed', message: '<img src=x onerror=alert(1)>' });
    await page.getByRole('alert').getByText('<img src=x').waitFor();
    await change({ kind: 'gone', message: '<iframe src="javascript:alert(1)"></iframe>' });
    await page.getByRole('alert').getByText('<iframe').waitFor();
    expect(await page.locator('img, iframe, main a, main style, main script, b, i').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  it('does not turn the text beside it around', async () => {
    await open({ info: info(10), row: nastyRow });
    const value = page.locator('[aria-rowindex="2"] > [aria-colindex="7"] bdi');
    await value.waitFor();
    expect(await value.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe('isolate');
  });
});

describe('for everybody', () => {
  const themes: [ThemeName, boolean][] = [
    ['dark', false],
    ['light', false],
    ['high contrast', false],
    ['high contrast light', false],
    ['dark', true],
  ];
  it.each(themes)('has no violations that axe-core knows: %s, forced colours %s', async (theme, forced) => {
    await open(straw(), { theme, forced, size: { width: 1100, height: 480 } });
    await page.getByText('What is 1 + 1?').waitFor();
    expect(await opened.violations()).toEqual([]);
    await filterByText('x');
    await viewNews({ rows: 1000, scanned: 1000, share: 0.5 });
    await page.keyboard.press('Control+F');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await page.keyboard.press('Control+G');
    await page.keyboard.type('0');
    await page.keyboard.press('Enter');
    await page.getByText('What is 3 + 3?').dblclick();
    await page.getByRole('heading', { name: 'Row 3' }).waitFor();
    await change({ kind: 'gone', message: 'Gone.' });
    await page.getByRole('alert').getByText('Gone.').waitFor();
    expect(await opened.violations()).toEqual([]);
  });

  it('is quiet: a running scan is spoken of seldom', async () => {
    await open(straw());
    await filterByText('x');
    const spoken = page.locator('main > p.heard');
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      const region = document.querySelector('main > p.heard');
      if (region === null) return;
      new MutationObserver(() => said.push(region.textContent)).observe(region, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    for (let news = 1; news <= 30; news++) await viewNews({ rows: news * 10, share: news / 40 });
    await viewNews({ rows: 400, scanned: 1_000_000, share: 1, state: 'done' });
    await until(() => spoken.textContent()).toBe('400 rows found of 1,000,000');
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said.length);
    expect(said).toBeLessThanOrEqual(4);
  });
});
