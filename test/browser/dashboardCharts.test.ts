// The dashboard's charts in a real browser: drawn lines, zoom, crosshair, read-out, files, the last evaluation.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FromDashboard } from '../../protocol/src/dashboard.ts';
import { folderOf, madeChart, madeRun, REPORT } from '../support/dashboardRuns.ts';
import {
  dashboardBench,
  type DashboardBench,
  type OpenedDashboard,
  type OpenOptions,
} from './dashboardPage.ts';

const TRAINING = [
  'Loss (nats a step)',
  'Accuracy',
  'Balanced accuracy',
  'F1 of the incorrect class',
  'AUROC',
  'Learning rate',
  'Gradient norm',
  'Tokens a second',
  'Memory of the process',
];
const EVALUATION = ['Calibration', 'Scores by label', 'Accuracy by place in the path'];

let bench: DashboardBench;
let opened: OpenedDashboard | undefined;

beforeAll(async () => {
  bench = await dashboardBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  const complaints = opened?.complaints;
  await opened?.page.close();
  opened = undefined;
  expect(complaints ?? []).toEqual([]);
});

/** A page with these runs compared and their lines there; the first one's evaluation too. */
async function openWith(
  names: string[],
  kept: object = {},
  options: OpenOptions = {},
): Promise<OpenedDashboard> {
  opened = await bench.open({ kept: { selected: names.map(folderOf), ...kept }, ...options });
  await opened.tell({ type: 'runs', runs: names.map((name) => madeRun(name)) });
  await opened.page.getByRole('heading', { name: names[0] ?? '', exact: true }).waitFor();
  await opened.tell(
    ...names.map((name, index) => ({
      type: 'chart' as const,
      folder: folderOf(name),
      chart: madeChart({ seed: 7 + index, steps: 480 - 60 * index }),
    })),
    { type: 'report', folder: folderOf(names[0] ?? ''), report: REPORT },
  );
  await figure(opened.page, 'Calibration').locator('canvas').waitFor();
  await opened.news();
  return opened;
}

function figure(page: Page, title: string) {
  return page.getByRole('figure', { name: title, exact: true });
}

function plot(page: Page, title: string) {
  return page.getByRole('slider', { name: `${title}: crosshair`, exact: true });
}

/** What a screen reader says of the crosshair; drawn a frame after the key. */
function said(page: Page, title: string) {
  return expect.poll(() => plot(page, title).getAttribute('aria-valuetext'));
}

/** Colours of the plot's canvas, the background not counted. */
async function coloursOf(page: Page, title: string): Promise<string[]> {
  return figure(page, title)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
      };
      const counts = new Map<string, number>();
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] !== 255) continue;
        const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return [...counts].filter(([, count]) => count > 20).map(([colour]) => colour);
    });
}

const BLUE = '55,148,255';
const YELLOW = '204,167,0';
const GREEN = '137,209,133';

describe('training charts', () => {
  it('are all there, drawn, each with a sentence for who cannot see them', async () => {
    const { page } = await openWith(['run']);
    const figures = await page.getByRole('figure').all();
    const names = await Promise.all(figures.map((one) => one.locator('h4').innerText()));
    expect(names).toEqual([...TRAINING, ...EVALUATION]);
    for (const title of [...TRAINING, ...EVALUATION]) {
      expect((await coloursOf(page, title)).length, title).toBeGreaterThan(0);
      const described = await plot(page, title).evaluate((element) =>
        (element.getAttribute('aria-describedby') ?? '')
          .split(' ')
          .map((id) => document.getElementById(id)?.textContent ?? 'missing')
          .join(' '),
      );
      expect(described, title).toMatch(/\d/);
      expect(described, title).not.toContain('missing');
    }
    expect(await coloursOf(page, 'Accuracy')).toEqual(expect.arrayContaining([BLUE, YELLOW]));
    expect(await figure(page, 'Accuracy').locator('.read-out').innerText()).toMatch(
      /majority baseline\s+60\.0 %/,
    );
  });

  it('give each of several runs a colour of its own', async () => {
    const { page } = await openWith(['one', 'two', 'three']);
    const colours = await coloursOf(page, 'AUROC');
    expect(colours).toEqual(expect.arrayContaining([BLUE, YELLOW, GREEN]));
    const dashes = await figure(page, 'AUROC')
      .locator('.swatch line')
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('stroke-dasharray')));
    expect(new Set(dashes).size, 'dash patterns differ too').toBe(3);
    expect(await figure(page, 'Loss (nats a step)').locator('.read-out').innerText()).toMatch(
      /two, validation\s+0\.\d+/,
    );
  });

  it('are drawn in the colours that the system forces', async () => {
    const { page } = await openWith(['run'], {}, { forced: true });
    const colours = await coloursOf(page, 'AUROC');
    expect(colours.length).toBeGreaterThan(0);
    for (const own of [BLUE, YELLOW]) expect(colours).not.toContain(own);
  });

  it('mark where a stage begins', async () => {
    const { page, tell } = await openWith(['run']);
    const stages = [
      { name: 'head', from: 1 },
      { name: 'lora', from: 200 },
    ];
    const picture = () =>
      figure(page, 'AUROC')
        .locator('canvas')
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const plain = await picture();
    await tell({ type: 'chart', folder: folderOf('run'), chart: { ...madeChart(), stages } });
    await expect.poll(picture).not.toBe(plain);
    await expect.poll(() => coloursOf(page, 'AUROC')).toContain(BLUE);
    await figure(page, 'AUROC').getByText('In words and numbers').click();
    await figure(page, 'AUROC').getByText('Stages: head from step 1, lora from step 200.').waitFor();
  });

  it('show a table on demand', async () => {
    const { page } = await openWith(['run']);
    const loss = figure(page, 'Loss (nats a step)');
    expect(await loss.getByRole('table').count()).toBe(0);
    await loss.getByText('In words and numbers').click();
    await loss.getByRole('columnheader', { name: 'validation' }).waitFor();
    await loss.getByRole('row', { name: /^step 450 0\.\d+ 0\.\d+$/ }).waitFor();
    await loss.getByText(/more points: the CSV file has all/).waitFor();
  });

  it('change with smoothing, the log scale and the x axis', async () => {
    const { page } = await openWith(['run']);
    await page.getByRole('slider', { name: /Smoothing/ }).fill('0.95');
    const loss = figure(page, 'Loss (nats a step)');
    await loss.locator('.read-out').getByText('training, smoothed').waitFor();
    const before = await coloursOf(page, 'Loss (nats a step)');
    expect(before).toContain(BLUE);
    const picture = () => loss.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const linear = await picture();
    await page.getByRole('checkbox', { name: 'Log scale' }).check();
    await expect.poll(picture).not.toBe(linear);
    await page.getByRole('combobox', { name: 'Over' }).selectOption('seconds');
    await plot(page, 'Loss (nats a step)').press('Home');
    await said(page, 'Loss (nats a step)').toMatch(/^1 s: training, smoothed/);
  });

  it('say why there is nothing to see', async () => {
    const { page, tell } = await openWith(['run'], { axis: 'examples' });
    await tell({ type: 'chart', folder: folderOf('run'), chart: madeChart({ examples: false }) });
    await figure(page, 'Loss (nats a step)').getByText('did not count examples').waitFor();
    await page.getByRole('combobox', { name: 'Over' }).selectOption('step');
    await tell({ type: 'chart', folder: folderOf('run'), chart: madeChart({ steps: 10 }) });
    await figure(page, 'AUROC').getByText('No evaluation yet.').waitFor();
    await tell({ type: 'chart', folder: folderOf('run'), chart: madeChart({ steps: 0 }) });
    await figure(page, 'Learning rate').getByText('No step yet.').waitFor();
  });
});

describe('the crosshair', () => {
  it('follows the pointer through all training charts', async () => {
    const { page } = await openWith(['run']);
    await plot(page, 'Loss (nats a step)').hover({ position: { x: 200, y: 100 } });
    const places = page.locator('.charts').first().locator('.read-out .place');
    await expect.poll(() => places.first().innerText()).toMatch(/^step \d+$/);
    expect(new Set(await places.allInnerTexts()).size).toBe(1);
    const crosshairs = page.locator('.charts').first().locator('.u-cursor-x');
    const lefts = await crosshairs.evaluateAll((lines) =>
      lines.map((line) => new DOMMatrix(getComputedStyle(line).transform).m41),
    );
    expect(lefts).toHaveLength(TRAINING.length);
    expect(Math.min(...lefts)).toBeGreaterThan(0);
    await page.getByRole('heading', { level: 2 }).hover();
    await expect.poll(() => places.first().innerText()).toBe('newest');
  });

  it('moves by keys from point to point, and says the values', async () => {
    const { page } = await openWith(['run']);
    const loss = plot(page, 'Loss (nats a step)');
    await loss.focus();
    const said = () => loss.getAttribute('aria-valuetext');
    await expect.poll(said).toMatch(/^step 480: training 0\.\d+; validation 0\.\d+$/);
    await loss.press('ArrowLeft');
    await expect.poll(said).toMatch(/^step 479: /);
    await loss.press('Home');
    await expect.poll(said).toMatch(/^step 1: /);
    await loss.press('PageUp');
    await expect.poll(said).toMatch(/^step 49: /);
    expect(await loss.getAttribute('aria-valuenow')).toBe('49');
  });
});

describe('zoom', () => {
  const ranges = (news: FromDashboard[]) =>
    news.flatMap((message) => (message.type === 'watch' ? [message.range ?? 'all'] : []));

  it('is chosen by dragging, and undone by a double click', async () => {
    const { page, news } = await openWith(['run']);
    const box = await plot(page, 'Accuracy').locator('.u-over').boundingBox();
    if (box === null) throw new Error('The plot has no box.');
    await page.mouse.move(box.x + box.width / 4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 70, { steps: 4 });
    await page.mouse.up();
    await page.getByText(/^Steps 1\d\d to 24\d$/).waitFor();
    expect(ranges(await news())).toMatchObject([
      { from: expect.any(Number) as number, to: expect.any(Number) as number },
    ]);
    await page.mouse.dblclick(box.x + 100, box.y + 60);
    await page.getByRole('button', { name: 'Show all' }).waitFor({ state: 'detached' });
    expect(ranges(await news())).toEqual(['all']);
  });

  it('works by keys: + and -, Shift and arrows, 0', async () => {
    const { page, news } = await openWith(['run']);
    const loss = plot(page, 'Loss (nats a step)');
    await loss.press('Home');
    for (let times = 0; times < 12; times++) await loss.press('ArrowRight');
    await loss.press('+');
    expect(ranges(await news())).toEqual([{ from: 7, to: 247 }]);
    await loss.press('Shift+ArrowRight');
    expect(ranges(await news())).toEqual([{ from: 66, to: 307 }]);
    await loss.press('-');
    expect(ranges(await news())).toEqual([{ from: 0, to: 427 }]);
    await loss.press('-');
    expect(ranges(await news())).toEqual(['all']);
    await loss.press('+');
    await loss.press('0');
    expect(ranges(await news()).at(-1)).toBe('all');
    await page.getByRole('status').getByText('All steps are shown.').waitFor();
  });

  it('follows keys that come faster than the screen is drawn', async () => {
    const { page, news } = await openWith(['run']);
    await plot(page, 'Loss (nats a step)').evaluate((element) => {
      const press = (init: KeyboardEventInit) => element.dispatchEvent(new KeyboardEvent('keydown', init));
      press({ key: '+' });
      press({ key: '+' });
      press({ key: 'ArrowRight', shiftKey: true });
    });
    const [half, quarter, moved] = ranges(await news());
    const width = (range: typeof half) => (typeof range === 'object' ? range.to - range.from : NaN);
    expect(width(quarter)).toBeLessThan(0.6 * width(half));
    expect(Math.abs(width(moved) - width(quarter))).toBeLessThanOrEqual(2);
  });

  it('asks for the steps that lie in a part of the time', async () => {
    const { page, news } = await openWith(['run'], { axis: 'seconds' });
    const loss = plot(page, 'Loss (nats a step)');
    await loss.press('End');
    await loss.press('+');
    const [range] = ranges(await news());
    expect(range).toMatchObject({ from: 240 });
  });
});

describe('files', () => {
  const textOf = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');

  it('hold what a chart shows', async () => {
    const { page, news } = await openWith(['run']);
    const tools = figure(page, 'Loss (nats a step)').getByRole('toolbar');
    await tools.getByRole('button', { name: 'Copy as CSV' }).click();
    const [copy] = await news();
    if (copy?.type !== 'copy') throw new Error('Nothing was copied.');
    const lines = copy.text.split('\r\n');
    expect(lines[0]).toBe('run,split,step,examples,seconds,value,min,max');
    expect(lines[1]).toMatch(/^run,training,1,16,[\d.]+,0\.\d+,0\.\d+,0\.\d+$/);
    expect(lines.filter((line) => line.startsWith('run,training'))).toHaveLength(480);
    expect(lines.filter((line) => line.startsWith('run,validation'))).toHaveLength(9);
    await page.getByRole('status').getByText('Copied.').waitFor();
    await tools.getByRole('button', { name: 'Save as CSV…' }).click();
    const [saved] = await news();
    if (saved?.type !== 'save') throw new Error('Nothing was saved.');
    expect(saved).toMatchObject({ name: 'run-loss.csv', mediaType: 'text/csv' });
    expect(textOf(saved.base64)).toBe(copy.text);
  });

  it('hold a picture with the title and the legend', async () => {
    const { page, news } = await openWith(['run']);
    await figure(page, 'Accuracy').getByRole('button', { name: 'Save as PNG…' }).click();
    const [saved] = await news();
    if (saved?.type !== 'save') throw new Error('Nothing was saved.');
    expect(saved).toMatchObject({ name: 'run-accuracy.png', mediaType: 'image/png' });
    const bytes = Buffer.from(saved.base64, 'base64');
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    const drawn = await figure(page, 'Accuracy')
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => canvas.height);
    // Height of the picture: bytes 20 to 23 of the header.
    expect(bytes.readUInt32BE(20)).toBeGreaterThan(drawn + 40);
  });

  it('can be reached by arrow keys', async () => {
    const { page, news } = await openWith(['run']);
    await figure(page, 'AUROC').getByRole('button', { name: 'Copy as CSV' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await news()).toMatchObject([{ type: 'save', name: 'run-auroc.csv' }]);
  });
});

describe('the last evaluation', () => {
  it('has a calibration error, counts and baselines', async () => {
    const { page } = await openWith(['run']);
    await figure(page, 'Calibration').getByText('Expected calibration error 0.0').first().waitFor();
    await plot(page, 'Accuracy by place in the path').press('End');
    await said(page, 'Accuracy by place in the path').toMatch(
      /^step 9 and later: .*accuracy 81\.0 %; majority baseline 5\d\.\d %/,
    );
    await plot(page, 'Scores by label').press('Home');
    await said(page, 'Scores by label').toBe(
      'score 0.00 to 0.05: labelled correct 3; labelled incorrect 180',
    );
  });

  it('opens a step that was scored worst, by click and by keys; its text is only text', async () => {
    const { page } = await openWith(['run']);
    await page.getByRole('button', { name: /Together that makes/ }).click();
    const open = page.locator('.worst-open');
    await open.getByText('Natalia sold clips').waitFor();
    expect(await open.locator('.judged').innerText()).toContain('48 + 24 = 62');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await open.getByText('<img src=x onerror=alert(1)> What is 2 + 2?').waitFor();
    await open.getByText('<script>alert(2)</script>').waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await page.keyboard.press('Enter');
    await open.waitFor({ state: 'detached' });
  });

  it('says where there is none', async () => {
    const { page, tell } = await openWith(['run']);
    await tell({ type: 'report', folder: folderOf('run'), report: null });
    await page.getByText('an earlier version wrote them').waitFor();
  });
});

describe('drawing', () => {
  it('happens once for many messages, and not while the page is hidden', async () => {
    const { page } = await openWith(['run']);
    const counts = await page.evaluate(
      async ({ folder, chart }) => {
        let drawn = 0;
        const observer = new MutationObserver(() => drawn++);
        const title = document.querySelector('.progress span');
        if (title === null) throw new Error('No progress.');
        observer.observe(title, { characterData: true, subtree: true, childList: true });
        const settle = () => new Promise((done) => setTimeout(done, 100));
        const tell = (step: number) => {
          const data = { type: 'runs', runs: [{ ...chart, folder, step }] };
          window.dispatchEvent(new MessageEvent('message', { data }));
        };
        for (let step = 481; step <= 500; step++) tell(step);
        await settle();
        const visible = drawn;
        Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        for (let step = 501; step <= 510; step++) tell(step);
        await settle();
        const hidden = drawn - visible;
        Object.defineProperty(document, 'hidden', { value: false, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        await settle();
        return { visible, hidden, again: drawn - visible - hidden, words: title.textContent };
      },
      { folder: folderOf('run'), chart: madeRun('run') },
    );
    expect(counts).toMatchObject({ visible: 1, hidden: 0, again: 1 });
    expect(counts.words).toContain('Step 510');
  });

  it('follows a change of the theme', async () => {
    const { page } = await openWith(['run']);
    await page.evaluate(() => {
      document.documentElement.style.setProperty('--vscode-charts-yellow', '#ff00ff');
    });
    await expect.poll(() => coloursOf(page, 'AUROC')).toContain('255,0,255');
  });
});
