// `npm run vscode [-- --port N]`: opens the samples, with the demo's model selected, in a VS Code that has this
// extension: the desktop's where `code` is on PATH, else a local code-server in the browser.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { ensureCodeServer, installExtension, startCodeServer } from './lib/codeServer.ts';
import { demoModel, prepareWorkspace } from './lib/demoPaths.ts';
import { ROOT } from './lib/paths.ts';
import { findOnPath, runOrThrow } from './lib/processes.ts';
import { packageExtension } from './package.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, browser: { type: 'boolean' } } });
const workspace = path.join(ROOT, '.prm/workspace');
await prepareWorkspace(workspace);

const desktop = values.browser === true ? undefined : findOnPath('code');
if (desktop === undefined) await openInBrowser();
else await openOnDesktop(desktop);

async function openOnDesktop(code: string): Promise<void> {
  await build();
  await runOrThrow(code, ['--new-window', `--extensionDevelopmentPath=${ROOT}`, workspace]);
  console.log(`Opened ${workspace} in VS Code.`);
  sayWhatToDo();
}

async function openInBrowser(): Promise<void> {
  console.log('No `code` on PATH: using a local code-server, which shows VS Code in the browser.');
  const server = await ensureCodeServer(console.log);
  console.log('Packaging the extension.');
  const { file } = await packageExtension();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'prm-'));
  try {
    await installExtension(server, folder, file);
    const running = await startCodeServer(server, {
      folder,
      ...(values.port === undefined ? {} : { port: Number(values.port) }),
    });
    console.log(`\nOpen ${running.url}?folder=${encodeURI(workspace)} in a browser. Ctrl-C ends it.`);
    sayWhatToDo();
    const signalled = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    await Promise.race([signalled, running.ended]);
    await running.stop();
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  console.log('\nEnded.');
}

function sayWhatToDo(): void {
  if (demoModel() === undefined) {
    console.log('There is no model yet: run `npm run demo` first, or train one with `PRM: Train Model…`.');
  } else {
    console.log('Open reasoning.txt and run `PRM: Score Document` from the palette (F1); hover over a step.');
  }
}
