// `npm test`: the checks (types, lint, format, unused code), the unit and integration tests, the pages in a real
// browser, the suite inside a real VS Code, and the workbench driven as a person would. Names after the command choose parts:
// checks, unit, integration, browser, vscode, workbench.
// The last line is `N passed, N failed`; the exit code is 0 only when nothing failed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ensureChromium } from './lib/chromium.ts';
import { packageExtension } from './package.ts';
import { build } from './build.ts';
import { OUT, ROOT } from './lib/paths.ts';
import { run } from './lib/processes.ts';
import { ensureEditorHost, runVscodeSuite, type EditorHost, type SuiteCounts } from './lib/vscodeSuite.ts';

const PARTS = ['checks', 'unit', 'integration', 'browser', 'vscode', 'workbench'] as const;
type Part = (typeof PARTS)[number];

/** Each counts as one test. */
const CHECKS: [name: string, command: string, ...args: string[]][] = [
  ['types', 'tsc', '-p', '.'],
  ['lint', 'eslint', '.'],
  ['format', 'prettier', '--check', '.'],
  ['unused code', 'knip'],
];

const isCi = (process.env.CI ?? '') !== '' && process.env.CI !== 'false';
const started = performance.now();
const total: SuiteCounts = { passed: 0, failed: 0, skipped: 0 };
const notes: string[] = [];

const parts = chosenParts(process.argv.slice(2));
// What the VS Code suite needs can take a minute to install, mostly waiting for the network.
const editorHost = parts.includes('vscode') || parts.includes('workbench') ? prepareEditor() : undefined;
if (parts.includes('checks')) await runChecks();
const projects = parts.filter((part) => part === 'unit' || part === 'integration');
if (projects.length > 0) await runVitest(projects);
// Chromium may be missing until the editor's needs are installed; two installers must not run at once.
const host = await editorHost;
if (parts.includes('browser')) await runBrowserTests();
if (host !== undefined && parts.includes('vscode')) await runEditorSuites(host);
if (host !== undefined && parts.includes('workbench')) await runWorkbenchTests(host);

const seconds = Math.round((performance.now() - started) / 1000);
console.log(`\nTests took ${Math.floor(seconds / 60)} min ${seconds % 60} s.`);
for (const note of notes) console.log(note);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

function chosenParts(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !PARTS.some((part) => part === name));
  if (unknown.length > 0) {
    console.error(`No such part of the tests: ${unknown.join(', ')}. There are ${PARTS.join(', ')}.`);
    process.exit(2);
  }
  return names.length === 0 ? PARTS : PARTS.filter((part) => names.includes(part));
}

function heading(text: string): void {
  console.log(`\n--- ${text}`);
}

function count(part: SuiteCounts): void {
  total.passed += part.passed;
  total.failed += part.failed;
  total.skipped += part.skipped;
}

function fail(note: string): void {
  total.failed += 1;
  notes.push(note);
  console.error(note);
}

async function runChecks(): Promise<void> {
  heading('Checks');
  // Two at a time: each keeps about one core busy.
  const waiting = [...CHECKS];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) await runCheck(...check);
  };
  await Promise.all([worker(), worker()]);
}

async function runCheck(name: string, command: string, ...args: string[]): Promise<void> {
  const { code, output } = await run(path.join(ROOT, 'node_modules/.bin', command), args, {
    cwd: ROOT,
    quiet: true,
    shell: process.platform === 'win32',
  });
  if (code === 0) {
    total.passed += 1;
    console.log(`ok      ${name}`);
  } else {
    console.log(output.trim());
    fail(`FAILED  ${name} (${[command, ...args].join(' ')})`);
  }
}

async function runVitest(projects: readonly string[]): Promise<void> {
  heading(`Tests: ${projects.join(' and ')}`);
  const report = path.join(OUT, 'vitest.json');
  await mkdir(OUT, { recursive: true });
  await rm(report, { force: true });
  const { code } = await run(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    { cwd: ROOT },
  );
  const counts = await readFile(report, 'utf8').then(
    (text) => JSON.parse(text) as VitestReport,
    () => undefined,
  );
  if (counts === undefined) {
    fail(`FAILED  vitest ended with code ${code} and counted nothing.`);
    return;
  }
  count({
    passed: counts.numPassedTests,
    failed: counts.numFailedTests,
    skipped: counts.numPendingTests + counts.numTodoTests,
  });
  // A file that does not even load, or an unhandled error, fails the run without a failed test.
  if (code !== 0 && counts.numFailedTests === 0) fail(`FAILED  vitest ended with code ${code}.`);
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

/** Starts at once, is waited for later; so a failure is kept as a value. */
function prepareEditor(): Promise<EditorHost | Error> {
  return ensureEditorHost(console.log).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
}

async function runBrowserTests(): Promise<void> {
  try {
    await ensureChromium(console.log);
  } catch (error) {
    notRun('the pages in a real browser', 'test/browser', 'npm test browser', error);
    return;
  }
  await runVitest(['browser']);
}

async function runWorkbenchTests(host: EditorHost | Error): Promise<void> {
  if (host instanceof Error) {
    notRun('the workbench tests', 'test/workbench', 'npm test workbench', host);
    return;
  }
  await runVitest(['workbench']);
}

/** A part that could not run: a failure in CI, a plain note elsewhere. */
function notRun(what: string, folder: string, command: string, reason: unknown): void {
  heading(what);
  const note = [
    `NOT RUN: ${what} (${folder}).`,
    reason instanceof Error ? reason.message : String(reason),
    `Then run: ${command}`,
  ].join('\n');
  if (isCi) fail(note);
  else notes.push(note);
}

async function runEditorSuites(host: EditorHost | Error): Promise<void> {
  if (host instanceof Error) {
    notRun('the suite inside VS Code', 'test/vscode', 'npm run test:vscode', host);
    return;
  }
  await runEditorSuite(host, 'the extension of this checkout', async () => {
    await build();
    return undefined;
  });
  await runEditorSuite(host, 'the packaged extension', async () => {
    const { file, bytes, files } = await packageExtension();
    console.log(`${path.relative(ROOT, file)}: ${(bytes / 2 ** 20).toFixed(1)} MiB, ${files} files.`);
    return file;
  });
}

/** @param prepare gives the .vsix to test, if it is one */
async function runEditorSuite(
  host: EditorHost,
  name: string,
  prepare: () => Promise<string | undefined>,
): Promise<void> {
  heading(`VS Code (${host.kind}), ${name}`);
  try {
    const counts = await runVscodeSuite(host, await prepare());
    if (counts === undefined) fail('FAILED  the VS Code suite ended before it counted its tests.');
    else count(counts);
  } catch (error) {
    fail(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
