// The built dashboard page in a real browser, with an extension made of straw that only takes down what the page says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { pagePolicy } from '../../client/src/pagePolicy.ts';
import type { FromDashboard, ToDashboard } from '../../protocol/src/dashboard.ts';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '../../scripts/lib/chromium.ts';
import { DIST } from '../../scripts/lib/paths.ts';
import { violationsIn } from '../support/axe.ts';
import { THEMES, themeSheet, type ThemeName } from '../support/themes.ts';

/** What tests read from the page. */
interface StrawWindow {
  posted: FromDashboard[];
  kept: unknown;
  extension?: (message: FromDashboard) => void;
}

export interface OpenedDashboard {
  page: Page;
  /** What the page complained about: errors and refusals of its policy. */
  complaints: string[];
  tell: (...messages: ToDashboard[]) => Promise<void>;
  posted: () => Promise<FromDashboard[]>;
  /** What the page has said and not been asked about before. */
  news: () => Promise<FromDashboard[]>;
  kept: () => Promise<unknown>;
  /** What axe-core finds, one line each; by all rules unless some are named. */
  violations: (only?: readonly string[]) => Promise<string[]>;
}

export interface OpenOptions {
  theme?: ThemeName;
  size?: { width: number; height: number };
  /** The system forces its own colours. */
  forced?: boolean;
  /** What the page kept before. */
  kept?: unknown;
  /** An extension that is not of straw: is told what the page says. */
  extension?: (message: FromDashboard) => void;
}

/** A browser, and the folder where pages are written. */
export interface DashboardBench {
  open(options?: OpenOptions): Promise<OpenedDashboard>;
  close(): Promise<void>;
}

export async function dashboardBench(): Promise<DashboardBench> {
  const browser = await chromium.launch({
    executablePath: await ensureChromium(console.log),
    args: CHROMIUM_ARGUMENTS,
  });
  // One for all pages: they share the code that the browser has compiled.
  const context = await browser.newContext();
  const folder = mkdtempSync(path.join(tmpdir(), 'dashboard-'));
  return {
    open: async ({
      theme = 'dark',
      size = { width: 1100, height: 900 },
      forced = false,
      kept,
      extension,
    } = {}) => {
      const page = await context.newPage();
      await page.setViewportSize(size);
      if (forced) await page.emulateMedia({ forcedColors: 'active' });
      if (extension !== undefined) await page.exposeFunction('extension', extension);
      return openPage(page, folder, theme, kept);
    },
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openPage(
  page: Page,
  folder: string,
  theme: ThemeName,
  kept: unknown,
): Promise<OpenedDashboard> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.addInitScript((state: unknown) => {
    const live = Object.assign(window as unknown as StrawWindow, { posted: [], kept: state });
    Object.assign(window, {
      acquireVsCodeApi: () => ({
        postMessage: (message: FromDashboard) => {
          live.posted.push(message);
          live.extension?.(message);
        },
        getState: () => live.kept,
        setState: (value: unknown) => {
          // As VS Code does: what is kept goes through JSON.
          live.kept = JSON.parse(JSON.stringify(value));
        },
      }),
    });
  }, kept);
  const file = path.join(folder, `dashboard-${theme.replaceAll(' ', '-')}.html`);
  const address = (name: string) => pathToFileURL(path.join(DIST, 'webview', name)).href;
  // `file:` stands where VS Code puts its own source.
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><title>PRM Training</title><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${pagePolicy('n', 'file:')}">
    <style>${themeSheet(theme)}</style>
    <link rel="stylesheet" href="${address('dashboard.css')}"></head>
    <body class="${THEMES[theme].body}"><script nonce="n" src="${address('dashboard.js')}"></script></body></html>`,
  );
  await page.goto(pathToFileURL(file).href);
  const posted = () => page.evaluate(() => (window as unknown as StrawWindow).posted);
  let read = 0;
  return {
    page,
    complaints,
    tell: (...messages) =>
      page.evaluate((all) => {
        for (const message of all) window.postMessage(message, '*');
      }, messages),
    posted,
    news: async () => {
      const all = await posted();
      const news = all.slice(read);
      read = all.length;
      return news;
    },
    kept: () => page.evaluate(() => (window as unknown as StrawWindow).kept),
    violations: (only) => violationsIn(page, [], only),
  };
}
