// VS Code's workbench in a browser, driven as a person would: files from the explorer, commands from the palette.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type FrameLocator, type Page } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, ensureChromium } from './chromium.ts';
import { ensureCodeServer, installExtension, startCodeServer, type RunningCodeServer } from './codeServer.ts';

export interface WorkbenchOptions {
  /** The packaged extension to install. */
  vsix: string;
  /** Fills the folder that is opened. */
  prepare: (workspace: string) => Promise<void>;
  viewport: { width: number; height: number };
  /** Device pixels for one of the page's; 1 unless given. */
  scale?: number;
  settings?: Record<string, unknown>;
  /** Given to the extension's processes. */
  environment?: NodeJS.ProcessEnv;
}

/** Less around what is looked at. */
const CALM_SETTINGS = {
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
};

export class Workbench {
  private constructor(
    readonly page: Page,
    /** The folder that is open. */
    readonly workspace: string,
    private readonly folder: string,
    private readonly browser: BrowserContext,
    private readonly server: RunningCodeServer,
  ) {}

  /** Starts everything and waits for the extension. End it with `close`. */
  static async open({
    vsix,
    prepare,
    viewport,
    scale = 1,
    settings = {},
    environment = {},
  }: WorkbenchOptions): Promise<Workbench> {
    const installed = await ensureCodeServer(console.log);
    const executablePath = await ensureChromium(console.log);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'prm-'));
    const workspace = path.join(folder, 'workspace');
    await mkdir(workspace);
    await prepare(workspace);
    await installExtension(installed, folder, vsix);
    const server = await startCodeServer(installed, {
      folder,
      environment,
      settings: { ...CALM_SETTINGS, ...settings },
    });
    const browser = await chromium.launchPersistentContext(path.join(folder, 'browser'), {
      executablePath,
      headless: true,
      viewport,
      deviceScaleFactor: scale,
      args: CHROMIUM_ARGUMENTS,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = browser.pages()[0] ?? (await browser.newPage());
    const workbench = new Workbench(page, workspace, folder, browser, server);
    const address = new URL(server.url);
    address.searchParams.set('folder', workspace);
    await page.goto(address.href);
    await page.locator('.monaco-workbench .explorer-folders-view').waitFor();
    // A file that is opened before VS Code has read the extension's manifest gets the plain text editor.
    await workbench.offer('PRM: Open as Dataset');
    await page.keyboard.press('Escape');
    return workbench;
  }

  /** Opens a file of the workspace's top folder, with the editor that VS Code gives it. */
  async openFile(name: string): Promise<void> {
    // What the pointer rests on may have a hover drawn over the file.
    const { width, height } = this.page.viewportSize() ?? { width: 0, height: 0 };
    await this.page.mouse.move(width / 2, height / 2);
    await this.page.getByRole('treeitem', { name, exact: true }).dblclick();
    await this.page.getByRole('tab', { name }).waitFor();
  }

  /** Runs a command from the palette. */
  async runCommand(title: string): Promise<void> {
    await this.offer(title);
    await this.page.keyboard.press('Enter');
  }

  /** Opens the palette at a command. Its list is a snapshot, so one opened too early is closed and opened again. */
  private async offer(title: string): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      await this.page.keyboard.press('F1');
      await this.page.keyboard.type(title);
      const entry = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
      const found = await entry.waitFor({ timeout: 1500 }).then(
        () => true,
        () => false,
      );
      if (found) return;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`The palette does not offer "${title}".`);
  }

  /** The folder of VS Code's own logs, and of those of its extensions. */
  get logs(): string {
    return path.join(this.folder, 'user/logs');
  }

  /** The document of the webview in sight; there must be one only. */
  get webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
