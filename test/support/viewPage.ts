// Parts of the dataset page on a page of their own, in a real browser, under the policy that the extension gives pages.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pagePolicy } from '../../client/src/pagePolicy.ts';
import type { SummaryModel, SummaryWish } from '../../webview/src/dataset/summary/model.ts';
import type { TraceModel, TraceWish } from '../../webview/src/dataset/trace/model.ts';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '../../scripts/lib/chromium.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { violationsIn } from './axe.ts';
import { THEMES, themeSheet, type ThemeName } from './themes.ts';

/** What the page offers to the test: each view is drawn in place of what was there. */
const ENTRY = `
  import { render } from 'lit';
  import { summaryView } from './webview/src/dataset/summary/view.ts';
  import { traceView } from './webview/src/dataset/trace/view.ts';
  import { registerToolkit } from './webview/src/ui/toolkit.ts';
  registerToolkit();
  const wishes = [];
  const send = (wish) => wishes.push(wish);
  const page = document.body.appendChild(document.createElement('main'));
  const heading = page.appendChild(document.createElement('h1'));
  heading.textContent = 'Dataset';
  const main = page.appendChild(document.createElement('div'));
  Object.assign(window, {
    wishes,
    // No answer: what \`render\` gives back is a graph without end for who asked.
    showTrace: (model) => void render(traceView(model, send), main),
    showSummary: (model) => void render(summaryView(model, send), main),
  });
`;

interface ViewWindow {
  wishes: unknown[];
  showTrace(model: TraceModel): void;
  showSummary(model: SummaryModel): void;
}

export interface ViewPage {
  page: Page;
  /** Errors of the page and on its console, and requests that left for anything but the page's own files. */
  complaints: string[];
  showTrace: (model: TraceModel) => Promise<void>;
  showSummary: (model: SummaryModel) => Promise<void>;
  wishes: () => Promise<(TraceWish | SummaryWish)[]>;
  /** What axe-core finds, one line each: rule, element. */
  violations: () => Promise<string[]>;
}

/** The views bundled once, and a browser to open them in. */
export interface ViewBench {
  open(
    theme?: ThemeName,
    options?: { width?: number; height?: number; forcedColours?: boolean },
  ): Promise<ViewPage>;
  close(): Promise<void>;
}

export async function viewBench(): Promise<ViewBench> {
  const folder = mkdtempSync(path.join(tmpdir(), 'views-'));
  await esbuild.build({
    absWorkingDir: ROOT,
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts', sourcefile: 'views.ts' },
    outfile: path.join(folder, 'views.js'),
    bundle: true,
    platform: 'browser',
    target: 'chrome134',
    format: 'iife',
    // As scripts/build.ts has them.
    loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty' },
    logLevel: 'warning',
  });
  const browser = await chromium.launch({
    executablePath: await ensureChromium(console.log),
    args: CHROMIUM_ARGUMENTS,
  });
  return {
    open: (theme = 'dark', options = {}) => openPage(browser, folder, theme, options),
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openPage(
  browser: Browser,
  folder: string,
  theme: ThemeName,
  {
    width = 1000,
    height = 800,
    forcedColours = false,
  }: { width?: number; height?: number; forcedColours?: boolean },
): Promise<ViewPage> {
  const page = await browser.newPage({
    viewport: { width, height },
    ...(forcedColours ? { forcedColors: 'active' as const } : {}),
  });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  const home = pathToFileURL(folder).href;
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) complaints.push(`asked for ${request.url()}`);
  });
  const file = path.join(folder, `${theme.replaceAll(' ', '-')}.html`);
  // `file:` stands where VS Code puts its own source.
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dataset</title>
    <meta http-equiv="Content-Security-Policy" content="${pagePolicy('n', 'file:')}">
    <style>${themeSheet(theme)}</style><link rel="stylesheet" href="views.css"></head>
    <body class="${THEMES[theme].body}">
    <script nonce="n" src="views.js"></script></body></html>`,
  );
  await page.goto(pathToFileURL(file).href);
  const there = page.evaluate.bind(page);
  return {
    page,
    complaints,
    showTrace: (model) => there((data) => (window as unknown as ViewWindow).showTrace(data), model),
    showSummary: (model) => there((data) => (window as unknown as ViewWindow).showSummary(data), model),
    wishes: () => there(() => (window as unknown as ViewWindow).wishes as (TraceWish | SummaryWish)[]),
    violations: () => violationsIn(page),
  };
}
