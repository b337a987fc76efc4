// The suite inside a real VS Code: desktop VS Code where there is a display, else code-server. It runs
// twice: with the extension from this checkout, and with the packaged .vsix installed.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  downloadAndUnzipVSCode,
  resolveCliArgsFromVSCodeExecutablePath,
  runTests,
} from '@vscode/test-electron';
import esbuild from 'esbuild';
import { ensureChromium } from './chromium.ts';
import { ensureCodeServer } from './codeServer.ts';
import { filesUnder } from './files.ts';
import { OUT, ROOT } from './paths.ts';
import { runOrThrow } from './processes.ts';

export interface SuiteCounts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface EditorHost {
  kind: 'desktop' | 'code-server';
  /** What test-electron starts. */
  executable: string;
}

/**
 * Finds a VS Code to test in, and installs what is missing. `PRM_TEST_VSCODE` chooses `desktop` or
 * `code-server`; otherwise a machine with a display gets the desktop where it can be had.
 * @throws an Error that says in plain words what is missing and how to get it.
 */
export async function ensureEditorHost(report: (line: string) => void): Promise<EditorHost> {
  const choice = process.env.PRM_TEST_VSCODE;
  const hasDisplay = process.platform !== 'linux' || (process.env.DISPLAY ?? '') !== '';
  if (choice === 'desktop' || (choice !== 'code-server' && hasDisplay)) {
    try {
      // Not the `code` on PATH: that is a launcher, which would use the window that is open already.
      report('Getting desktop VS Code (kept in .vscode-test).');
      return { kind: 'desktop', executable: await downloadAndUnzipVSCode() };
    } catch (error) {
      if (choice === 'desktop') throw error;
      report(`Desktop VS Code could not be had (${String(error)}); using code-server.`);
    }
  }
  // Both must be there before the first suite starts, and both can take a minute.
  await ensureChromium(report);
  await ensureCodeServer(report);
  return { kind: 'code-server', executable: path.join(ROOT, 'scripts/code') };
}

/**
 * Runs test/vscode once.
 * @param vsix a packaged extension to install; without it the extension comes from this checkout.
 * @returns what mocha counted, or undefined when the suite never reported (the reason was printed).
 */
export async function runVscodeSuite(host: EditorHost, vsix?: string): Promise<SuiteCounts | undefined> {
  const tests = await bundleSuite();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'prm-suite-'));
  const result = path.join(folder, 'result.json');
  try {
    const workspace = path.join(folder, 'workspace');
    await cp(path.join(ROOT, 'samples'), path.join(workspace, 'samples'), { recursive: true });
    await runTests({
      vscodeExecutablePath: host.executable,
      extensionDevelopmentPath: vsix === undefined ? ROOT : await emptyExtension(folder),
      extensionTestsPath: tests,
      launchArgs: [workspace, ...(vsix === undefined ? [] : await installArguments(host, folder, vsix))],
      extensionTestsEnv: {
        PRM_TEST_RESULT: result,
        PRM_TEST_VSIX: vsix ?? '',
        // Not the answers that the person who runs the suite has paid for.
        PRM_CACHE: path.join(folder, 'answers'),
      },
    }).catch((error: unknown) => {
      // The counts say more than "Failed"; without counts this is all there is.
      console.error(error instanceof Error ? error.message : error);
    });
    return JSON.parse(await readFile(result, 'utf8')) as SuiteCounts;
  } catch (error) {
    console.error(`The suite reported no result: ${String(error)}`);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Bundles test/vscode into out/test/vscode and returns the file that VS Code loads. */
async function bundleSuite(): Promise<string> {
  const source = path.join(ROOT, 'test/vscode');
  const outdir = path.join(OUT, 'test/vscode');
  await rm(outdir, { recursive: true, force: true });
  const names = (await filesUnder(source)).filter((file) => file === 'index.ts' || file.endsWith('.test.ts'));
  await esbuild.build({
    entryPoints: names.map((name) => path.join(source, name)),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return path.join(outdir, 'index.cjs');
}

/** VS Code runs a suite only beside an extension under development; this one does nothing. */
async function emptyExtension(folder: string): Promise<string> {
  const made = path.join(folder, 'empty-extension');
  await mkdir(made);
  const manifest = { name: 'empty', publisher: 'test', version: '0.0.0', engines: { vscode: '^1.101.0' } };
  await writeFile(path.join(made, 'package.json'), JSON.stringify(manifest));
  return made;
}

/** code-server installs on its start (scripts/codeShim.ts); the desktop has to be asked before. */
async function installArguments(host: EditorHost, folder: string, vsix: string): Promise<string[]> {
  if (host.kind === 'code-server') return [`--install-extension=${vsix}`];
  const extensions = path.join(folder, 'extensions');
  const [cli, ...cliArguments] = resolveCliArgsFromVSCodeExecutablePath(host.executable);
  if (cli === undefined) throw new Error(`No command line beside ${host.executable}.`);
  const folders = [`--extensions-dir=${extensions}`, `--user-data-dir=${path.join(folder, 'user')}`];
  await runOrThrow(cli, [...cliArguments, ...folders, '--install-extension', vsix, '--force']);
  return folders;
}
