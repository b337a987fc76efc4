// The built dataset page in a real browser with an extension made of straw: it answers from generated rows.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { pagePolicy } from '../../client/src/pagePolicy.ts';
import type { FromDatasetPage, ToDatasetPage } from '../../protocol/src/datasetPage.ts';
import type { DatasetSummary } from '../../protocol/src/datasetSummary.ts';
import type { DatasetInfo, DatasetRow, TraceView } from '../../protocol/src/datasets.ts';
import { DIST } from '../../scripts/lib/paths.ts';
import { violationsIn } from '../support/axe.ts';
import { THEMES, themeSheet, type ThemeName } from '../support/themes.ts';

/** What the straw extension knows. Runs in the page, so it is plain data and functions without outer names. */
export interface Straw {
  info: DatasetInfo;
  /** Source of `(position: number) => DatasetRow`. */
  row: (position: number) => DatasetRow;
  trace?: (position: number, path: number, firstStep: number) => TraceView;
  summary?: DatasetSummary;
  /** Milliseconds until a page of rows comes. */
  delay?: number;
  /** How many questions for rows are refused at first. */
  refusals?: number;
  /** Rows that a query finds: every n-th. */
  every?: number;
  /** What the page kept before. */
  kept?: unknown;
}

/** What tests read from the page. */
export interface StrawWindow {
  posted: FromDatasetPage[];
  kept: unknown;
  /** Most questions for rows that were open at once, and those that were given up. */
  mostOpen: number;
  cancelled: number;
}

export interface OpenedPage {
  page: Page;
  /** What axe-core finds, one line each. */
  violations(): Promise<string[]>;
  /** What the page complained about: errors and refusals of its policy. */
  complaints: string[];
  tell(message: ToDatasetPage): Promise<void>;
  posted(): Promise<FromDatasetPage[]>;
}

/** @param folder where the page's HTML may be written */
export async function openDatasetPage(
  browser: Browser,
  folder: string,
  straw: Straw | undefined,
  {
    theme = 'dark',
    size = { width: 1100, height: 700 },
    forced = false,
  }: { theme?: ThemeName; size?: { width: number; height: number }; forced?: boolean } = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({
    viewport: size,
    ...(forced ? { forcedColors: 'active' as const } : {}),
  });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.addInitScript(extensionOfStraw, {
    ...straw,
    row: straw?.row.toString(),
    trace: straw?.trace?.toString(),
  } as never);
  const file = path.join(folder, `dataset-${theme.replaceAll(' ', '-')}.html`);
  const address = (name: string) => pathToFileURL(path.join(DIST, 'webview', name)).href;
  // `file:` stands where VS Code puts its own source.
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><title>t</title><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${pagePolicy('n', 'file:')}">
    <style>${themeSheet(theme)}</style>
    <link rel="stylesheet" href="${address('dataset.css')}"></head>
    <body class="${THEMES[theme].body}"><script nonce="n" src="${address('dataset.js')}"></script></body></html>`,
  );
  await page.goto(pathToFileURL(file).href);
  return {
    page,
    complaints,
    tell: (message) => page.evaluate((data) => window.postMessage(data, '*'), message),
    // What forced colours are is the system's matter, which axe-core does not see.
    violations: () => violationsIn(page, forced ? ['color-contrast'] : []),
    posted: () => page.evaluate(() => (window as unknown as StrawWindow).posted),
  };
}

/** Runs in the page before its script. */
function extensionOfStraw(
  straw: Partial<Omit<Straw, 'row' | 'trace'>> & { row?: string; trace?: string },
): void {
  const self: StrawWindow = { posted: [], kept: straw.kept, mostOpen: 0, cancelled: 0 };
  Object.assign(window, self);
  const live = window as unknown as StrawWindow;
  // The functions come as text: what a page is given before it starts must be plain data.
  const made = <T>(source: string | undefined) =>
    source === undefined ? undefined : ((0, eval)(`(${source})`) as T);
  const rowAt = made<(position: number) => unknown>(straw.row);
  const traceAt = made<(position: number, path: number, firstStep: number) => unknown>(straw.trace);
  const tell = (message: unknown) => {
    window.postMessage(message, '*');
  };
  const open = new Map<number, ReturnType<typeof setTimeout>>();
  const queries = new Map<string, number>();
  const answerLater = (id: number, result: unknown, delay: number) => {
    open.set(
      id,
      setTimeout(() => {
        open.delete(id);
        tell({ type: 'answer', id, result });
      }, delay),
    );
    live.mostOpen = Math.max(live.mostOpen, open.size);
  };
  const known = () => straw.info?.known ?? { rows: 0, complete: true, share: 1 };
  let refusals = straw.refusals ?? 0;
  const asked = (id: number, method: string, params: Record<string, unknown>) => {
    const name = method.slice('prm/'.length);
    if (name === 'datasetRows' && refusals-- > 0) {
      tell({ type: 'refused', id, message: 'Row group 1 is damaged.', cancelled: false });
    } else if (name === 'datasetRows') {
      const start = Number(params.start);
      const every = typeof params.view === 'string' ? (queries.get(params.view) ?? 1) : 1;
      const rows = Math.floor(known().rows / every);
      const last = Math.min(start + Number(params.count), rows);
      const answer = [];
      for (let place = start; place < last; place++) answer.push(rowAt?.(place * every));
      answerLater(id, { start, rows: answer, known: { ...known(), rows } }, straw.delay ?? 0);
    } else if (name === 'datasetTrace') {
      answerLater(id, traceAt?.(Number(params.position), Number(params.trace), Number(params.firstStep)), 0);
    } else if (name === 'datasetSummary') {
      if (straw.summary !== undefined) answerLater(id, straw.summary, 0);
    } else if (name === 'queryDataset') {
      const view = `v${queries.size + 1}`;
      queries.set(view, straw.every ?? 1);
      tell({ type: 'answer', id, result: { view } });
    } else if (name === 'dropView' || name === 'stopView') {
      tell({ type: 'answer', id, result: null });
    }
  };
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: FromDatasetPage) => {
        live.posted.push(message);
        if (message.type === 'ready' && straw.info !== undefined) tell({ type: 'opened', info: straw.info });
        if (message.type === 'ask') asked(message.id, message.method, message.params);
        if (message.type === 'cancel') {
          live.cancelled++;
          clearTimeout(open.get(message.id));
          open.delete(message.id);
          tell({ type: 'refused', id: message.id, message: 'Given up.', cancelled: true });
        }
      },
      getState: () => straw.kept,
      setState: (state: unknown) => {
        live.kept = state;
      },
    }),
  });
}
