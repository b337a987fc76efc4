// `node scripts/bootstrap.mjs NAME [ARGUMENTS]` runs scripts/NAME.ts, also in a fresh clone: it checks Node
// and installs the packages where they are missing. Plain JavaScript without dependencies, because nothing
// is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  fail(`PRM Workbench needs Node ${OLDEST.join('.')} or newer; this is ${process.versions.node}.`);
}

const missing = missingPackage();
if (missing !== undefined) {
  process.stdout.write(`Installing packages with npm (${missing}).\n`);
  // Versions come from package-lock.json. `npm ci` would do the same, but it refuses to work with a registry
  // mirror that lacks an optional package of some other platform.
  const options = ['--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', ['install', ...options], {
    cwd: ROOT,
    stdio: 'inherit',
    // npm is a .cmd file on Windows.
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    fail('npm install failed; its message is above. Check the network and run the same command again.');
  }
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined) fail('Name a script: test, demo or vscode.');
// In this very process, so that signals reach the script and its clock includes the install.
const script = path.join(ROOT, 'scripts', `${name}.ts`);
process.argv = [process.argv[0], script, ...args];
const { register } = await import('tsx/esm/api');
register();
try {
  await import(pathToFileURL(script).href);
} catch (error) {
  if (process.env.PRM_DEBUG === '1') throw error;
  fail(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
}

/**
 * Why the packages have to be installed, or undefined when node_modules is what package-lock.json asks for.
 * npm keeps the list of what it installed in node_modules/.package-lock.json; comparing the two is exact,
 * where file times are not (the files of a fresh clone are newer than any install).
 */
function missingPackage() {
  const installedFile = path.join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return 'node_modules is missing';
  const wanted = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [name, { version, optional, devOptional }] of Object.entries(wanted)) {
    // Optional packages are those of other platforms.
    if (name === '' || optional || devOptional) continue;
    if (installed[name]?.version !== version) return `${name} ${version} is not installed`;
  }
  return undefined;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
