// The built dataset page in a real browser with an extension made of straw: it answers from generated rows.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { pagePolicy } from '../../client/src/pagePolicy.ts';
import type {
  DatasetInfo,
  DatasetRow,
  DatasetSummary,
  FromDatasetPage,
  ToDatasetPage,
  TraceView,
} from '../../protocol/src/datasets.ts';
import { DIST } from '../../scripts/lib/paths.ts';

/** What the straw extension knows. Runs in the page, so it is plain data and functions without outer names. */
export interface Straw {
  info: DatasetInfo;
  /** Source of `(position: number) => DatasetRow`. */
  row: (position: number) => DatasetRow;
  trace?: (position: number, path: number, firstStep: number) => TraceView;
  summary?: DatasetSummary;
  /** Milliseconds until a page of rows comes. */
  delay?: number;
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

/** VS Code's names for colours, as its dark, light and high-contrast themes set them. */
export const THEMES = {
  dark: {
    '--vscode-editor-background': '#1f1f1f',
    '--vscode-foreground': '#cccccc',
    '--vscode-editor-foreground': '#cccccc',
    '--vscode-descriptionForeground': '#9d9d9d',
    '--vscode-editorLineNumber-foreground': '#8a8f98',
    '--vscode-errorForeground': '#f85149',
    '--vscode-focusBorder': '#0078d4',
    '--vscode-panel-border': '#2b2b2b',
    '--vscode-editorWidget-background': '#202020',
    '--vscode-editorWidget-border': '#313131',
    '--vscode-list-hoverBackground': '#2a2d2e',
    '--vscode-list-inactiveSelectionBackground': '#37373d',
    '--vscode-list-activeSelectionBackground': '#04395e',
    '--vscode-list-activeSelectionForeground': '#ffffff',
    '--vscode-charts-red': '#f14c4c',
    '--vscode-charts-green': '#89d185',
    '--vscode-charts-yellow': '#cca700',
    '--vscode-charts-blue': '#3794ff',
    '--vscode-charts-orange': '#d18616',
    '--vscode-testing-iconPassed': '#73c991',
    '--vscode-testing-iconFailed': '#f14c4c',
    '--vscode-button-background': '#0078d4',
    '--vscode-button-foreground': '#ffffff',
    '--vscode-button-secondaryBackground': '#313131',
    '--vscode-button-secondaryForeground': '#cccccc',
    '--vscode-button-secondaryHoverBackground': '#3c3c3c',
    '--vscode-badge-background': '#616161',
    '--vscode-badge-foreground': '#f8f8f8',
    '--vscode-input-background': '#313131',
    '--vscode-input-foreground': '#cccccc',
    '--vscode-input-border': '#3c3c3c',
    '--vscode-input-placeholderForeground': '#9a9a9a',
    '--vscode-inputValidation-errorBorder': '#be1100',
    '--vscode-inputValidation-errorBackground': '#5a1d1d',
    '--vscode-inputValidation-warningBorder': '#b89500',
    '--vscode-inputValidation-warningBackground': '#352a05',
    '--vscode-dropdown-background': '#313131',
    '--vscode-dropdown-foreground': '#cccccc',
    '--vscode-dropdown-border': '#3c3c3c',
    '--vscode-progressBar-background': '#0078d4',
    '--vscode-textLink-foreground': '#4daafc',
    '--vscode-font-family': 'sans-serif',
    '--vscode-font-size': '13px',
    '--vscode-editor-font-family': 'monospace',
  },
  light: {
    '--vscode-editor-background': '#ffffff',
    '--vscode-foreground': '#3b3b3b',
    '--vscode-editor-foreground': '#3b3b3b',
    '--vscode-descriptionForeground': '#656565',
    '--vscode-editorLineNumber-foreground': '#6e7681',
    '--vscode-errorForeground': '#c72e0f',
    '--vscode-focusBorder': '#005fb8',
    '--vscode-panel-border': '#e5e5e5',
    '--vscode-editorWidget-background': '#f8f8f8',
    '--vscode-editorWidget-border': '#c8c8c8',
    '--vscode-list-hoverBackground': '#f2f2f2',
    '--vscode-list-inactiveSelectionBackground': '#e4e6f1',
    '--vscode-list-activeSelectionBackground': '#e8e8e8',
    '--vscode-list-activeSelectionForeground': '#000000',
    '--vscode-charts-red': '#c72e0f',
    '--vscode-charts-green': '#1a7f37',
    '--vscode-charts-yellow': '#8a6100',
    '--vscode-charts-blue': '#1a85ff',
    '--vscode-charts-orange': '#a15c00',
    '--vscode-testing-iconPassed': '#1a7f37',
    '--vscode-testing-iconFailed': '#c72e0f',
    '--vscode-button-background': '#005fb8',
    '--vscode-button-foreground': '#ffffff',
    '--vscode-button-secondaryBackground': '#e5e5e5',
    '--vscode-button-secondaryForeground': '#3b3b3b',
    '--vscode-button-secondaryHoverBackground': '#cccccc',
    '--vscode-badge-background': '#cccccc',
    '--vscode-badge-foreground': '#3b3b3b',
    '--vscode-input-background': '#ffffff',
    '--vscode-input-foreground': '#3b3b3b',
    '--vscode-input-border': '#8a8a8a',
    '--vscode-input-placeholderForeground': '#696969',
    '--vscode-inputValidation-errorBorder': '#be1100',
    '--vscode-inputValidation-errorBackground': '#f2dede',
    '--vscode-inputValidation-warningBorder': '#b89500',
    '--vscode-inputValidation-warningBackground': '#f6f5d2',
    '--vscode-dropdown-background': '#ffffff',
    '--vscode-dropdown-foreground': '#3b3b3b',
    '--vscode-dropdown-border': '#8a8a8a',
    '--vscode-progressBar-background': '#005fb8',
    '--vscode-textLink-foreground': '#005fb8',
    '--vscode-font-family': 'sans-serif',
    '--vscode-font-size': '13px',
    '--vscode-editor-font-family': 'monospace',
  },
  'high-contrast': {
    '--vscode-editor-background': '#000000',
    '--vscode-foreground': '#ffffff',
    '--vscode-editor-foreground': '#ffffff',
    '--vscode-descriptionForeground': '#ffffff',
    '--vscode-editorLineNumber-foreground': '#ffffff',
    '--vscode-errorForeground': '#f48771',
    '--vscode-focusBorder': '#f38518',
    '--vscode-contrastBorder': '#6fc3df',
    '--vscode-contrastActiveBorder': '#f38518',
    '--vscode-panel-border': '#6fc3df',
    '--vscode-editorWidget-background': '#0c141f',
    '--vscode-editorWidget-border': '#6fc3df',
    '--vscode-charts-red': '#f48771',
    '--vscode-charts-green': '#89d185',
    '--vscode-charts-yellow': '#ffd700',
    '--vscode-charts-blue': '#75beff',
    '--vscode-charts-orange': '#f38518',
    '--vscode-testing-iconPassed': '#89d185',
    '--vscode-testing-iconFailed': '#f48771',
    '--vscode-button-background': '#000000',
    '--vscode-button-foreground': '#ffffff',
    '--vscode-button-border': '#6fc3df',
    '--vscode-button-secondaryBackground': '#000000',
    '--vscode-button-secondaryForeground': '#ffffff',
    '--vscode-input-background': '#000000',
    '--vscode-input-foreground': '#ffffff',
    '--vscode-input-border': '#6fc3df',
    '--vscode-input-placeholderForeground': '#ffffff',
    '--vscode-inputValidation-errorBorder': '#6fc3df',
    '--vscode-inputValidation-errorBackground': '#000000',
    '--vscode-inputValidation-warningBorder': '#6fc3df',
    '--vscode-inputValidation-warningBackground': '#000000',
    '--vscode-dropdown-background': '#000000',
    '--vscode-dropdown-foreground': '#ffffff',
    '--vscode-dropdown-border': '#6fc3df',
    '--vscode-progressBar-background': '#6fc3df',
    '--vscode-textLink-foreground': '#3794ff',
    '--vscode-font-family': 'sans-serif',
    '--vscode-font-size': '13px',
    '--vscode-editor-font-family': 'monospace',
  },
} as const;
export type Theme = keyof typeof THEMES;

export interface OpenedPage {
  page: Page;
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
  }: { theme?: Theme; size?: { width: number; height: number } } = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: size });
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
  const file = path.join(folder, `dataset-${theme}.html`);
  const variables = Object.entries(THEMES[theme]).map(([name, value]) => `${name}: ${value};`);
  const address = (name: string) => pathToFileURL(path.join(DIST, 'webview', name)).href;
  // `file:` stands where VS Code puts its own source; the body's style is what VS Code gives every webview.
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><title>t</title><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${pagePolicy('n', 'file:')}">
    <style>:root { ${variables.join(' ')} }
    body { background: var(--vscode-editor-background); color: var(--vscode-editor-foreground); padding: 0 20px;
      font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }</style>
    <link rel="stylesheet" href="${address('dataset.css')}"></head>
    <body class="vscode-${theme}"><script nonce="n" src="${address('dataset.js')}"></script></body></html>`,
  );
  await page.goto(pathToFileURL(file).href);
  return {
    page,
    complaints,
    tell: (message) => page.evaluate((data) => window.postMessage(data, '*'), message),
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
  const asked = (id: number, method: string, params: Record<string, unknown>) => {
    const name = method.slice('prm/'.length);
    if (name === 'datasetRows') {
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
