// Takes the arguments that @vscode/test-electron gives to desktop VS Code, and runs the suite in
// code-server's extension host, driven by a headless Chromium. Exit code: the suite's.
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import { chromium } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, ensureChromium } from './lib/chromium.ts';
import { ensureCodeServer, installExtension, startCodeServer } from './lib/codeServer.ts';
import { OUT } from './lib/paths.ts';

const MINUTES_ALLOWED = 8;
/** The suite's reporter starts its lines so; the workbench's own chatter goes to the log only. */
const SUITE_MARK = '[suite] ';

interface ShimArguments {
  developmentPaths: string[];
  testsPath: string;
  vsixs: string[];
  folder: string | undefined;
}

process.exitCode = await runSuite(parseArguments(process.argv.slice(2)));
// A browser connection may linger after its close; the suite is over.
process.exit();

async function runSuite(suite: ShimArguments): Promise<number> {
  const server = await ensureCodeServer(console.log);
  const browserPath = await ensureChromium(console.log);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'prm-'));
  await mkdir(OUT, { recursive: true });
  const logFile = path.join(OUT, `vscode-${path.basename(folder)}.log`);
  const log = createWriteStream(logFile);
  for (const vsix of suite.vsixs) await installExtension(server, folder, path.resolve(vsix));
  const running = await startCodeServer(server, { folder, smokeTestDriver: true });
  const browser = await chromium.launchPersistentContext(path.join(folder, 'browser'), {
    executablePath: browserPath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: CHROMIUM_ARGUMENTS,
  });
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(130));
  });
  let code = 1;
  try {
    const page = browser.pages()[0] ?? (await browser.newPage());
    const exited = new Promise<number>((resolve, reject) => {
      // The workbench calls these two functions of the page: console lines, and the suite's end.
      const onLog = (type: string, values: unknown[]): void => {
        const text = format(...values);
        log.write(`${type} ${text}\n`);
        if (text.startsWith(SUITE_MARK)) console.log(text.slice(SUITE_MARK.length));
      };
      void page.exposeFunction('codeAutomationLog', onLog).catch(reject);
      void page.exposeFunction('codeAutomationExit', resolve).catch(reject);
      page.on('console', (message) => log.write(`page ${message.text()}\n`));
      page.on('crash', () => reject(new Error('The browser page crashed.')));
      void running.ended.then((ended) => reject(new Error(`code-server ended with code ${ended}.`)));
      setTimeout(
        () => reject(new Error(`The suite did not end within ${MINUTES_ALLOWED} minutes.`)),
        MINUTES_ALLOWED * 60_000,
      ).unref();
    });
    await page.goto(workbenchAddress(running.url, suite));
    code = await Promise.race([exited, interrupted]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  await browser.close();
  await running.stop();
  log.end();
  if (code === 0) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  else console.error(`Logs: ${logFile} and ${path.join(folder, 'user/logs')}`);
  return code;
}

/** The suite travels in the workbench's address. */
function workbenchAddress(url: string, suite: ShimArguments): string {
  const remote = (file: string): string => `vscode-remote://${new URL(url).host}${path.resolve(file)}`;
  const payload = [
    ...suite.developmentPaths.map((developed) => ['extensionDevelopmentPath', remote(developed)]),
    ['extensionTestsPath', remote(suite.testsPath)],
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  const address = new URL(url);
  if (suite.folder === undefined) address.searchParams.set('ew', 'true');
  else address.searchParams.set('folder', path.resolve(suite.folder));
  address.searchParams.set('payload', JSON.stringify(payload));
  return address.href;
}

function parseArguments(args: readonly string[]): ShimArguments {
  const values = (name: string): string[] =>
    args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  const [testsPath] = values('extensionTestsPath');
  if (testsPath === undefined) throw new Error('No --extensionTestsPath= was given.');
  return {
    developmentPaths: values('extensionDevelopmentPath'),
    testsPath,
    vsixs: values('install-extension'),
    folder: args.find((arg) => !arg.startsWith('-')),
  };
}
