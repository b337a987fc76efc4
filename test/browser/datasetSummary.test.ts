// The summary view in a real browser: what it says of a dataset, and what can be pressed.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetSummary } from '../../protocol/src/datasetSummary.ts';
import type { SummaryModel } from '../../webview/src/dataset/summary/model.ts';
import type { ThemeName } from '../support/themes.ts';
import { viewBench, type ViewBench, type ViewPage } from '../support/viewPage.ts';

const SUMMARY: DatasetSummary = {
  path: '/d/rows.parquet',
  bytes: 48_123_456,
  layout: {
    layout: 'trl-stepwise',
    title: 'TRL stepwise',
    evidence: ['As many labels as completions in 500 of 512 rows.', 'Completions are steps, not attempts.'],
    sampled: 512,
    counts: [
      { layout: 'trl-stepwise', rows: 500 },
      { layout: 'processbench', rows: 12 },
    ],
  },
  schema: {
    kind: 'parquet',
    columns: [
      { name: 'prompt', type: 'string' },
      { name: 'labels', type: 'list<bool>' },
    ],
    parquet: {
      createdBy: 'parquet-cpp-arrow version 14.0.2',
      codecs: ['SNAPPY'],
      rowGroups: [
        { rows: 50_000, bytes: 90_000_000, compressedBytes: 40_000_000 },
        { rows: 916, bytes: 1_500_000, compressedBytes: 700_400 },
      ],
      moreRowGroups: 7,
      keyValues: [{ key: 'huggingface', value: '{"info": {}}' }],
    },
  },
  rows: 50_916,
  traceRows: 50_904,
  traces: 50_904,
  problems: 7473,
  problemsExact: false,
  steps: 262_974,
  emptySteps: 12,
  labels: { correct: 191_278, incorrect: 71_576, neutral: 100, unlabelled: 20 },
  softLabels: 14,
  tracesWithError: 30_123,
  stepsPerTrace: {
    min: 1,
    median: 3,
    mean: 3.166,
    max: 44,
    histogram: { edges: [1, 2, 3, 4, 45], counts: [900, 20_000, 30_000, 4] },
  },
  firstError: {
    min: 1,
    median: 2,
    mean: 2.5,
    max: 3,
    histogram: { edges: [1, 2, 3, 4], counts: [10, 30_100, 13] },
  },
  problemCharacters: {
    min: 42,
    median: 220,
    medianAbout: true,
    mean: 234.5,
    max: 985,
    histogram: { edges: [0, 500, 1000], counts: [7000, 473] },
  },
  stepCharacters: null,
  wrappers: { 'Phi-3': 50_904 },
  columns: [
    {
      name: 'prompt',
      type: 'string',
      nulls: 3,
      empty: 12,
      distinct: 7473,
      distinctExact: false,
      min: null,
      max: null,
      mean: null,
      length: { min: 70, mean: 260.123, max: 1010 },
    },
    {
      name: 'score',
      type: 'double',
      nulls: 0,
      empty: 0,
      distinct: 12,
      distinctExact: true,
      min: -1.5,
      max: 3,
      mean: 0.123456,
      length: null,
    },
  ],
  faults: [
    {
      reason: 'lists of different length',
      count: 9,
      firstRows: [12, 50_001],
      firstDetail: '3 completions, 4 labels',
    },
    { reason: 'not JSON', count: 1, firstRows: [77] },
  ],
  seconds: 1.43,
};

const DONE: SummaryModel = { summary: SUMMARY, state: 'done' };

let bench: ViewBench;
let open: ViewPage | undefined;

beforeAll(async () => {
  bench = await viewBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  const complaints = open?.complaints;
  await open?.page.close();
  open = undefined;
  expect(complaints ?? []).toEqual([]);
});

async function show(shown: SummaryModel, theme: ThemeName = 'dark', width = 1000): Promise<ViewPage> {
  open = await bench.open(theme, { width });
  await open.showSummary(shown);
  return open;
}

describe('the summary of a dataset', () => {
  it('counts rows, problems, paths and steps, and says what is estimated', async () => {
    const { page } = await show(DONE);
    const facts = await page.locator('.facts > div').allInnerTexts();
    expect(facts.map((fact) => fact.replace(/\s*\n\s*/, ': '))).toEqual([
      'Rows: 50,916',
      'Rows that fit the layout: 50,904',
      'Problems: about 7,473',
      'Paths: 50,904',
      'Steps: 262,974',
      'Empty steps: 12',
      'Size: 48.1 MB',
    ]);
  });

  it('names the layout, its evidence, and that layouts are mixed', async () => {
    const { page } = await show(DONE);
    await page.getByText('TRL stepwise trl-stepwise from 512 rows').waitFor();
    await page.getByRole('listitem').getByText('As many labels as completions in 500 of 512 rows.').waitFor();
    await page
      .getByText('The file mixes layouts: trl-stepwise (500 rows), processbench (12 rows).')
      .waitFor();
    await page.getByText('Chat wrappers taken off the problems: Phi-3 (50,904).').waitFor();
  });

  it('sets the majority class beside the label balance', async () => {
    const { page, wishes } = await show(DONE);
    await page
      .getByRole('img', { name: 'correct 72.7 %, incorrect 27.2 %, neutral < 0.1 %, unlabelled < 0.1 %' })
      .waitFor();
    await page.getByText('“correct” always is right for 72.8 % of the 262,854 steps').waitFor();
    await page.getByRole('button', { name: 'incorrect: 71,576, 27.2 %. Show the rows' }).click();
    await page.getByRole('button', { name: '30,123 of 50,904 paths (59.2 %) have a wrong step' }).click();
    expect(await wishes()).toEqual([
      { type: 'filter', condition: { kind: 'label', label: 'incorrect' } },
      { type: 'filter', condition: { kind: 'has-error', value: true } },
    ]);
  });

  it('draws histograms, says what they show, and has the figures', async () => {
    const { page } = await show(DONE);
    await page
      .getByRole('toolbar', {
        name: 'Steps of a path: 50,904 paths, 1 to 44, median 3, mean 3.17. Most are at 3: 30,000 paths, 58.9 %.',
        exact: true,
      })
      .waitFor();
    await page
      .getByRole('img', { name: 'Characters of a problem: 7,473 problems, 42 to 985, median about 220' })
      .waitFor();
    await page.getByText('The last bar is 4 to 44.').waitFor();
    const steps = page.locator('figure', { hasText: 'Steps of a path' });
    const heights = await steps.locator('.column').evaluateAll((bars) => bars.map((bar) => bar.clientHeight));
    expect(heights[2]).toBeGreaterThan(90);
    expect((heights[1] ?? 0) / (heights[2] ?? 1)).toBeCloseTo(2 / 3, 1);
    // Four of 50,904 can still be seen.
    expect(heights[3]).toBeGreaterThan(0);
    await steps.getByText('Figures').click();
    expect(await steps.getByRole('row').allInnerTexts()).toEqual([
      'From\tTo\tNumber of paths\tShare',
      '1\t1\t900\t1.8 %',
      '2\t2\t20,000\t39.3 %',
      '3\t3\t30,000\t58.9 %',
      '4\t44\t4\t< 0.1 %',
    ]);
  });

  it('shows the rows of a bar that is pressed', async () => {
    const { page, wishes } = await show(DONE);
    await page.getByRole('button', { name: '4 to 44: 4 paths' }).click();
    await page.getByRole('button', { name: '2: 30,100 paths' }).click();
    expect(await wishes()).toEqual([
      { type: 'filter', condition: { kind: 'steps', from: 4, to: 44 } },
      { type: 'filter', condition: { kind: 'first-error', from: 2, to: 2 } },
    ]);
  });

  it('takes one stop of the Tab key for a histogram; the arrow keys move inside', async () => {
    const { page, wishes } = await show(DONE);
    await page.getByRole('button', { name: /have a wrong step/ }).focus();
    const name = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await page.keyboard.press('Tab');
    expect(await name()).toMatch(/^1: 900 paths/);
    await page.keyboard.press('End');
    expect(await name()).toMatch(/^4 to 44: 4 paths/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY');
    await page.keyboard.press('Shift+Tab');
    expect(await name()).toMatch(/^3: 30,000 paths/);
    expect(await wishes()).toEqual([{ type: 'filter', condition: { kind: 'steps', from: 3, to: 3 } }]);
  });

  it('leads to faulty rows', async () => {
    const { page, wishes } = await show(DONE);
    await page.getByText('9 × lists of different length (3 completions, 4 labels)').waitFor();
    await page.getByRole('button', { name: 'row 50,001' }).click();
    await page.getByRole('button', { name: 'Show the 10 faulty rows' }).click();
    expect(await wishes()).toEqual([
      { type: 'goto', row: 50_001 },
      { type: 'filter', condition: { kind: 'faulty' } },
    ]);
  });

  it('has statistics of every column', async () => {
    const { page, wishes } = await show(DONE);
    const table = page.getByRole('region', { name: 'Column statistics' });
    expect(await table.getByRole('row').allInnerTexts()).toEqual([
      'Column\tType\tNull\tEmpty\tDistinct\tLeast\tMean\tMost\tLength',
      'prompt\tstring\t3\t12\tabout 7,473\t–\t–\t–\t70 to 1,010 characters, mean 260',
      'score\tdouble\t0\t0\t12\t-1.5\t0.123\t3\t–',
    ]);
    await table.getByRole('button', { name: '3 rows with null in prompt. Show them' }).click();
    expect(await wishes()).toEqual([
      { type: 'filter', condition: { kind: 'column', column: 'prompt', test: 'is-null', value: '' } },
    ]);
  });

  it('describes the Parquet file, and how many row groups are not listed', async () => {
    const { page } = await show(DONE);
    await page.getByText('parquet-cpp-arrow version 14.0.2').waitFor();
    await page.getByText('9 row groups', { exact: true }).click();
    const groups = page.getByRole('region', { name: 'Row groups' });
    expect(await groups.getByRole('row').allInnerTexts()).toEqual([
      'Row group\tRows\tBytes\tCompressed',
      '1\t50,000\t90.0 MB\t40.0 MB',
      '2\t916\t1.5 MB\t700 kB',
    ]);
    await page.getByText('The first 2 of 9 row groups.').waitFor();
    await page.getByText('Metadata (1 entry)').click();
    await page.getByText('{"info": {}}').waitFor();
  });

  it('leaves out what a plain table does not have', async () => {
    const plain: DatasetSummary = {
      ...SUMMARY,
      layout: { layout: null, title: 'plain table', evidence: ['No layout fits.'], sampled: 12, counts: [] },
      schema: { kind: 'jsonl', columns: SUMMARY.schema.columns },
      traceRows: 0,
      traces: 0,
      problems: 0,
      steps: 0,
      labels: { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 },
      stepsPerTrace: null,
      firstError: null,
      problemCharacters: null,
      wrappers: {},
      faults: [],
    };
    const { page } = await show({ summary: plain, state: 'done' });
    expect(await page.getByRole('heading').allInnerTexts()).toEqual([
      ...['Dataset', 'Summary', 'Layout', 'Faulty rows', 'Columns', 'File'],
    ]);
    await page.getByText('No known layout').waitFor();
    await page.getByText('None.').waitFor();
  });

  it('draws 10,000 columns without 10,000 rows', async () => {
    const [column] = SUMMARY.columns;
    const columns = Array.from({ length: 10_000 }, (_, index) => ({ ...column, name: `c${index}` }));
    const { page } = await show({
      // Statistics are kept for the first columns only.
      summary: { ...SUMMARY, columns: columns.slice(0, 1000), schema: { ...SUMMARY.schema, columns } },
      state: 'done',
    });
    await page.getByText('The first 500 of 10,000 columns. A row’s JSON has all.').waitFor();
    expect(await page.getByRole('region', { name: 'Column statistics' }).getByRole('row').count()).toBe(501);
  });
});

describe('making a summary', () => {
  it('is offered, shows how far it is, can be stopped, and keeps the old one on screen', async () => {
    const shown = await show({ summary: undefined, state: 'none' });
    const { page } = shown;
    await page.getByRole('button', { name: 'Summarise' }).click();
    await shown.showSummary({ summary: undefined, state: 'running' });
    expect(await page.getByRole('progressbar').getAttribute('value')).toBeNull();
    await shown.showSummary({ summary: SUMMARY, state: 'running', share: 0.256 });
    await page.getByText('Reading the whole file (25.6 %)').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('value')).toBe('0.256');
    await page.getByText('50,916').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await shown.showSummary({ summary: SUMMARY, state: { failed: 'The file is gone.' } });
    await page.getByRole('status').getByText('The summary was not made: The file is gone.').waitFor();
    await page.getByRole('button', { name: 'Summarise again' }).click();
    expect((await shown.wishes()).map(({ type }) => type)).toEqual(['run', 'stop', 'run']);
  });
});

describe('text from a dataset', () => {
  it('stays text in the summary', async () => {
    const nasty =
      '<img src="http://evil.invalid/x" onerror="window.hit=1"><a href="http://evil.invalid">a</a>';
    const [column] = SUMMARY.columns;
    const summary: DatasetSummary = {
      ...SUMMARY,
      layout: { ...SUMMARY.layout, title: nasty, evidence: [nasty] },
      wrappers: { [nasty]: 1 },
      columns: column === undefined ? [] : [{ ...column, name: nasty, type: nasty }],
      faults: [{ reason: nasty, count: 1, firstRows: [1], firstDetail: nasty }],
      schema: {
        kind: 'parquet',
        columns: [],
        parquet: {
          createdBy: nasty,
          codecs: [nasty],
          rowGroups: [],
          moreRowGroups: 0,
          keyValues: [{ key: nasty, value: nasty }],
        },
      },
    };
    const { page } = await show({ summary, state: 'done' });
    expect(await page.locator('main :is(img, a, script, style)').count()).toBe(0);
    expect(await page.getByText(nasty).count()).toBeGreaterThanOrEqual(8);
  });
});

describe('for everyone', () => {
  it.each<ThemeName>(['dark', 'light', 'high contrast', 'high contrast light'])(
    'axe finds nothing in the %s theme',
    async (theme) => {
      const { page, violations } = await show(DONE, theme);
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '');
      });
      expect(await violations()).toEqual([]);
    },
  );

  it('fits 300 pixels', async () => {
    const { page, violations } = await show(DONE, 'dark', 300);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(300);
    expect(await violations()).toEqual([]);
  });

  it('draws its bars in forced colours', async () => {
    open = await bench.open('dark', { forcedColours: true });
    await open.showSummary(DONE);
    const [bar, page] = await open.page.evaluate(() => {
      const colour = (selector: string) => {
        const element = document.querySelector(selector);
        return element === null ? '' : getComputedStyle(element).backgroundColor;
      };
      return [colour('.column'), colour('body')];
    });
    expect(bar).not.toBe(page);
  });
});
