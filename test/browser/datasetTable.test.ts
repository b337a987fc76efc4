// The dataset page's table in a real browser: any number of rows and columns, by mouse, keys and screen reader.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetRow } from '../../protocol/src/datasets.ts';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '../../scripts/lib/chromium.ts';
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
  folder = mkdtempSync(path.join(tmpdir(), 'table-'));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await page.close();
  expect(opened.complaints).toEqual([]);
});

async function open(given: Straw): Promise<void> {
  opened = await openDatasetPage(browser, folder, given);
  page = opened.page;
  await page.getByRole('grid').waitFor();
}

/** A cell by its 1-based row and column, as a screen reader counts (the header is row 1). */
function cell(row: number, column: number): Locator {
  return page.locator(`[aria-rowindex="${row}"] > [aria-colindex="${column}"]`);
}

async function scrollTo(share: number): Promise<void> {
  await page.locator('prm-data-table .scroller').evaluate((scroller, part) => {
    scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * part;
  }, share);
}

function elements(): Promise<number> {
  return page.evaluate(() => document.querySelectorAll('*').length);
}

/** Rows that the page has asked for: first place of each question. */
async function asked(): Promise<number[]> {
  const posted = await opened.posted();
  return posted.flatMap((message) =>
    message.type === 'ask' && message.method === 'prm/datasetRows' ? [Number(message.params.start)] : [],
  );
}

/** What has the focus, as "row:column" of the grid. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const row = element?.closest('[aria-rowindex]')?.getAttribute('aria-rowindex');
    return `${row}:${element?.getAttribute('aria-colindex')}`;
  });
}

/** Waits until the focus is there. */
async function expectFocus(place: string): Promise<void> {
  await until(focused).toBe(place);
}

/** Checks until it holds: the machine may be busy. */
function until<Value>(look: () => Promise<Value>) {
  return expect.poll(look, { timeout: 15_000 });
}

async function jump(row: string): Promise<void> {
  await page.keyboard.press('Control+G');
  await page.getByLabel('Go to row').fill(row);
  await page.keyboard.press('Enter');
}

describe('rows', () => {
  it('draws the first rows, each cell as what it is', async () => {
    await open(straw());
    await page.getByText('What is 1 + 1?').waitFor();
    expect(await cell(2, 7).textContent()).toContain('null (no value)');
    expect(await cell(3, 7).textContent()).toContain('missing (the row has no such field)');
    expect(await cell(4, 7).textContent()).toContain('empty (of no length)');
    expect(await cell(5, 7).textContent()).toContain('checked');
    expect(await cell(3, 5).textContent()).toContain('2 items');
    expect(await cell(2, 6).evaluate((element) => getComputedStyle(element).textAlign)).toBe('right');
    // A row that cannot be read says why, in its place.
    expect(await cell(19, 1).textContent()).toMatch(/18\s*⚠ not JSON: Unexpected end of input/);
  });

  it('marks each step by shape and colour, the first wrong one apart, and says it in words', async () => {
    await open(straw());
    const marks = cell(8, 2);
    await marks.waitFor();
    expect(await marks.locator('.strip').textContent()).toBe('✓✓–○✓✓✗');
    expect(await marks.locator('.first').textContent()).toBe('✗');
    expect(await marks.locator('.heard').textContent()).toBe(
      'first wrong step 7; 4 correct, 1 unlabelled, 1 neutral, 1 incorrect',
    );
    const colours = await marks
      .locator('.strip > span')
      .evaluateAll((spans) => new Set(spans.map((span) => getComputedStyle(span).color)).size);
    expect(colours).toBe(4);
  });

  it('scrolls through a million rows with few elements and few pages', async () => {
    await open(straw(1_000_000, { delay: 300 }));
    await page.getByText('What is 1 + 1?').waitFor();
    const before = await elements();
    let most = before;
    for (let step = 0; step <= 60; step++) {
      await scrollTo(step / 60);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      most = Math.max(most, await elements());
    }
    await page.getByText('What is 1000000 + 1000000?').waitFor();
    expect(most).toBeLessThan(before + 200);
    const live = await page.evaluate(() => {
      const { mostOpen, cancelled } = window as unknown as StrawWindow;
      return { mostOpen, cancelled };
    });
    // Questions for rows that are out of view again are given up.
    expect(live.mostOpen).toBeLessThanOrEqual(8);
    expect(live.cancelled).toBeGreaterThan(0);
    // What was far away was forgotten: the first page is asked for again.
    await scrollTo(0);
    await page.getByText('What is 1 + 1?').waitFor();
    expect((await asked()).filter((start) => start === 0)).toHaveLength(2);
  });

  it('shows placeholders while rows are on their way', async () => {
    await open(straw(1_000_000, { delay: 5_000 }));
    await cell(2, 4).locator('.skeleton').waitFor();
    expect(await page.locator('[aria-rowindex="2"]').getAttribute('aria-busy')).toBe('true');
    await page.getByText('What is 1 + 1?').waitFor();
    expect(await page.locator('[aria-rowindex="2"]').getAttribute('aria-busy')).toBeNull();
  });

  it('says why rows did not come, in their place, and asks again', async () => {
    await open(straw(50, { refusals: 1 }));
    await page.getByRole('alert').getByText('Some rows could not be read: Row group 1 is damaged.').waitFor();
    expect(await cell(2, 1).textContent()).toContain('Not read: Row group 1 is damaged.');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('What is 1 + 1?').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('goes exactly to any of ten million rows', async () => {
    await open(straw(10_000_000));
    for (const row of [1, 2, 38_461, 5_000_000, 7_777_777, 9_999_999, 10_000_000]) {
      await jump(String(row));
      await page.getByText(`What is ${row} + ${row}?`).waitFor();
      await expectFocus(`${row + 1}:1`);
      const box = await page.locator(`[aria-rowindex="${row + 1}"]`).boundingBox();
      const view = await page.locator('prm-data-table').boundingBox();
      expect(box?.y).toBeGreaterThanOrEqual((view?.y ?? 0) + 40);
      expect((box?.y ?? 0) + 26).toBeLessThanOrEqual((view?.y ?? 0) + (view?.height ?? 0));
    }
  });

  it('scrolls by the wheel row by row in the middle of ten million', async () => {
    await open(straw(10_000_000));
    await jump('5000000');
    await page.getByText('What is 5000000 + 5000000?').waitFor();
    await expectFocus('5000001:1');
    const row = page.locator('[aria-rowindex="5000001"]');
    const before = await row.boundingBox();
    await page.mouse.move(400, 400);
    await page.mouse.wheel(0, 52);
    await until(async () => (await row.boundingBox())?.y).toBe((before?.y ?? 0) - 52);
    // Also after the scroll bar was put right.
    await page.waitForTimeout(300);
    expect((await row.boundingBox())?.y).toBe((before?.y ?? 0) - 52);
    await page.mouse.wheel(0, -52);
    await until(async () => (await row.boundingBox())?.y).toBe(before?.y);
  });

  it('reaches both ends of ten million rows by the scroll bar', async () => {
    await open(straw(10_000_000));
    await scrollTo(1);
    await page.getByText('What is 10000000 + 10000000?').waitFor();
    await scrollTo(0);
    await page.getByText('What is 1 + 1?').waitFor();
  });

  it('says what is wrong with a row number', async () => {
    await open(straw(1000));
    const field = page.getByLabel('Go to row');
    for (const [text, problem] of [
      ['0', 'Enter a row number: a whole number from 1.'],
      ['ten', 'Enter a row number: a whole number from 1.'],
      ['1001', 'The last row is 1,000.'],
    ] as const) {
      await jump(text);
      await page.getByRole('alert').getByText(problem).waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.evaluate((input) => document.activeElement === input)).toBe(true);
    }
    await jump('1,000');
    await page.getByText('What is 1000 + 1000?').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('finds a line of a text file with empty lines by its number', async () => {
    // Every third line is empty, so the row at position p is on line 1 + p + floor(p / 2).
    const gaps = (position: number): DatasetRow => ({
      position,
      number: 1 + position + Math.floor(position / 2),
      cells: [{ kind: 'text', text: `at ${position}` }],
    });
    const plain = info(100_000, { columns: [{ name: 'problem', type: 'string' }] });
    await open({ info: plain, row: gaps });
    await jump('90001');
    await page.getByText('at 60000', { exact: true }).waitFor();
    await expectFocus('60002:1');
    await jump('90003');
    await page.getByRole('alert').getByText('Line 90,003 holds no row; row 90,004 is shown.').waitFor();
  });
});

describe('keys and roles', () => {
  it('is a grid that says its size and where each cell is', async () => {
    await open(straw(50_916));
    const grid = page.getByRole('grid', { name: 'Rows of traces.parquet' });
    expect(await grid.getAttribute('aria-rowcount')).toBe('50917');
    expect(await grid.getAttribute('aria-colcount')).toBe('7');
    await page.getByRole('columnheader', { name: 'problem string' }).waitFor();
    await page.getByRole('rowheader', { name: '1', exact: true }).waitFor();
    // One cell of the grid is a stop of the Tab key.
    expect(await grid.locator('[role$=cell][tabindex="0"], [role=rowheader][tabindex="0"]').count()).toBe(1);
  });

  it('is walked by the keys of the grid pattern', async () => {
    await open(straw(50_916));
    await page.getByText('What is 1 + 1?').waitFor();
    await cell(2, 1).focus();
    const walk: [string, string][] = [
      ['ArrowRight', '2:2'],
      ['ArrowDown', '3:2'],
      ['ArrowUp', '2:2'],
      ['ArrowUp', '1:2'],
      ['ArrowUp', '1:2'],
      ['ArrowDown', '2:2'],
      ['End', '2:7'],
      ['ArrowRight', '2:7'],
      ['Home', '2:1'],
      ['ArrowLeft', '2:1'],
      ['Control+End', '50917:7'],
      ['ArrowDown', '50917:7'],
      ['Control+Home', '2:1'],
    ];
    for (const [key, place] of walk) {
      await page.keyboard.press(key);
      await expectFocus(place);
    }
    const { rows } = await page.locator('prm-data-table .body').evaluate((body) => ({
      rows: Math.floor(body.clientHeight / 26),
    }));
    await page.keyboard.press('PageDown');
    await expectFocus(`${2 + rows}:1`);
    await page.keyboard.press('PageDown');
    await expectFocus(`${2 + 2 * rows}:1`);
    await page.keyboard.press('PageUp');
    await expectFocus(`${2 + rows}:1`);
  });

  it('keeps the focus when its row is scrolled away, and comes back to it', async () => {
    await open(straw());
    await page.getByText('What is 1 + 1?').waitFor();
    await cell(4, 4).click();
    await expectFocus('4:4');
    await scrollTo(0.5);
    await page
      .getByText(/What is 500\d\d\d \+/)
      .first()
      .waitFor();
    await expectFocus('4:4');
    await page.keyboard.press('ArrowDown');
    await expectFocus('5:4');
    await page.getByText('What is 4 + 4?').waitFor();
  });

  it('shows where the focus is', async () => {
    await open(straw());
    await cell(2, 4).focus();
    const outline = await cell(2, 4).evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe('solid');
  });

  it('opens a row by Enter, leaves it by Escape, and gives the focus back', async () => {
    await open(straw());
    await page.getByText('What is 1 + 1?').waitFor();
    await cell(4, 4).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Row 3' }).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.closest('.pane') !== null)).toBe(true);
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'Row 4' }).waitFor();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByRole('heading', { name: 'Row 5' }).waitFor();
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'Row 4' }).waitFor();
    expect(await page.locator('[aria-rowindex="5"]').getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Row 4' }).waitFor({ state: 'detached' });
    await expectFocus('5:4');
  });

  it('sorts by its headers in three states', async () => {
    await open(straw());
    const header = page.getByRole('columnheader', { name: 'answer' });
    expect(await header.getAttribute('aria-sort')).toBe('none');
    for (const state of ['ascending', 'descending', 'none']) {
      await header.focus();
      await page.keyboard.press('Enter');
      await until(() => header.getAttribute('aria-sort')).toBe(state);
    }
    const queries = (await opened.posted()).flatMap((message) =>
      message.type === 'ask' && message.method === 'prm/queryDataset' ? [message.params.query] : [],
    );
    const key = { by: 'column', column: 'answer' };
    expect(queries).toEqual([
      { conditions: [], sort: { key, descending: false } },
      { conditions: [], sort: { key, descending: true } },
    ]);
  });
});

describe('columns', () => {
  /** Runs in the page. */
  const wideRow = (position: number): DatasetRow => ({
    position,
    number: position + 1,
    cells: Array.from({ length: 10_000 }, (_, column) => ({
      kind: 'number' as const,
      text: `${position}.${column}`,
    })),
  });
  const wide = (): Straw => ({
    info: info(1000, {
      columns: Array.from({ length: 10_000 }, (_, column) => ({ name: `c${column}`, type: 'int64' })),
      layout: { layout: null, title: 'Plain table', evidence: [], sampled: 10, counts: [] },
    }),
    row: wideRow,
  });

  it('draws those in view of ten thousand', async () => {
    await open(wide());
    await page.getByText('0.0', { exact: true }).waitFor();
    expect(await elements()).toBeLessThan(3000);
    await cell(2, 1).focus();
    await page.keyboard.press('End');
    await page.getByText('0.9999', { exact: true }).waitFor();
    await expectFocus('2:10001');
    expect(await cell(2, 10_001).isVisible()).toBe(true);
    expect(await elements()).toBeLessThan(3000);
    // The row's number stands still.
    const numbers = await cell(2, 1).boundingBox();
    expect(numbers?.x).toBe(0);
    await page.keyboard.press('Control+Home');
    await expectFocus('2:1');
    await page.getByText('0.0', { exact: true }).waitFor();
  });

  it('are brought into view whole, right of the row numbers', async () => {
    await open(wide());
    await page.getByText('0.0', { exact: true }).waitFor();
    await cell(2, 1).focus();
    for (let step = 0; step < 25; step++) await page.keyboard.press('ArrowRight');
    await expectFocus('2:26');
    for (let step = 0; step < 20; step++) await page.keyboard.press('ArrowLeft');
    await expectFocus('2:6');
    const edge = await cell(2, 1).boundingBox();
    await until(async () => (await cell(2, 6).boundingBox())?.x).toBeGreaterThanOrEqual(edge?.width ?? 0);
  });

  it('are made wider by the mouse, and stay so', async () => {
    await open(straw());
    const header = page.getByRole('columnheader', { name: 'problem' });
    const before = await header.boundingBox();
    const separator = page.getByRole('separator', { name: 'Width of problem' });
    const box = await separator.boundingBox();
    const x = (box?.x ?? 0) + 3;
    const y = (box?.y ?? 0) + 10;
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 40, y);
    await page.mouse.move(x + 80, y);
    await page.mouse.up();
    await until(async () => (await header.boundingBox())?.width).toBe((before?.width ?? 0) + 80);
    expect(await separator.getAttribute('aria-valuenow')).toBe(String((before?.width ?? 0) + 80));
    // Nothing was sorted on the way.
    expect(await header.getAttribute('aria-sort')).toBe('none');
    await until(() => page.evaluate(() => (window as unknown as StrawWindow).kept)).toMatchObject({
      widths: { '=problem': (before?.width ?? 0) + 80 },
    });
  });

  it('are made wider by keys', async () => {
    await open(straw());
    const header = page.getByRole('columnheader', { name: 'problem' });
    const before = (await header.boundingBox())?.width ?? 0;
    await header.focus();
    await expectFocus('1:4');
    // The separator of the header that has the focus is the next stop.
    await until(() => page.locator('.separator[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Tab');
    const separator = page.getByRole('separator', { name: 'Width of problem' });
    expect(await separator.evaluate((element) => document.activeElement === element)).toBe(true);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await header.boundingBox())?.width).toBe(before + 50);
    await page.keyboard.press('Home');
    await until(() => separator.getAttribute('aria-valuenow')).toBe('40');
    await page.keyboard.press('Escape');
    await expectFocus('1:4');
  });

  it('fit their content after a double click', async () => {
    await open(straw());
    await page.getByText('What is 1 + 1?').waitFor();
    const header = page.getByRole('columnheader', { name: 'problem' });
    const before = (await header.boundingBox())?.width ?? 0;
    await page.getByRole('separator', { name: 'Width of problem' }).dblclick();
    await until(async () => (await header.boundingBox())?.width).toBeGreaterThan(before + 50);
    const cut = await cell(2, 4).evaluate((element) => element.scrollWidth > element.clientWidth);
    expect(cut).toBe(false);
  });
});
