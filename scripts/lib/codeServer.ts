// A real VS Code without a desktop: code-server, from the package registry, in a cache folder of the user.
// It holds VS Code's own server and web workbench; extensions run in its remote extension host.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { endGroup, run, runOrThrow } from './processes.ts';

/** code-server 4.139.1 holds VS Code 1.139 and needs Node 24. */
const CODE_SERVER = '4.139.1';
const NODE = '24.21.0';

export interface CodeServer {
  /** The Node that it runs on. */
  node: string;
  /** Its entry script. */
  entry: string;
}

export interface RunningCodeServer {
  /** Address of the workbench. Webviews need `localhost`, not 127.0.0.1. */
  url: string;
  /** Settles when the server ends by itself. */
  ended: Promise<number | null>;
  /** Ends the server and every process that it started. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Holds user data, extensions and logs. Short: Unix socket paths may have 107 characters. */
  folder: string;
  /** Given to the server and so to the extension host. */
  environment?: NodeJS.ProcessEnv;
  /** A free one is taken unless given. */
  port?: number;
  /** Needed for a suite in the page's address; it also hides notifications. */
  smokeTestDriver?: boolean;
  settings?: Record<string, unknown>;
}

const QUIET_SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'workbench.startupEditor': 'none',
  'security.workspace.trust.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
};

/**
 * The installed code-server; installs it first (about a minute, 800 MB) where it is missing. The finished
 * folder appears by renaming, so a stopped install leaves nothing that looks complete.
 */
export async function ensureCodeServer(report: (line: string) => void): Promise<CodeServer> {
  const home = codeServerHome();
  const installed = describeInstall(home);
  if (existsSync(installed.entry) && existsSync(installed.node)) return installed;
  report(`Installing code-server ${CODE_SERVER} into ${home} (about a minute, 800 MB, once).`);
  await mkdir(path.dirname(home), { recursive: true });
  const temporary = await mkdtemp(`${home}.`);
  try {
    await install(temporary, report);
    await rename(temporary, home).catch((error: unknown) => {
      // Another process was faster; its install is as good.
      if (!existsSync(installed.entry)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return installed;
}

/** Installs a packaged extension into the server folder that `startCodeServer` is then given. */
export async function installExtension(server: CodeServer, folder: string, vsix: string): Promise<void> {
  await runOrThrow(
    server.node,
    [server.entry, ...folderArguments(await prepare(folder)), '--install-extension', vsix, '--force'],
    { env: environmentIn(folder) },
  );
}

/** Starts the server and waits until it answers. End it with `stop`. */
export async function startCodeServer(server: CodeServer, options: StartOptions): Promise<RunningCodeServer> {
  const { folder, smokeTestDriver = false } = options;
  await prepare(folder);
  const settings = path.join(folder, 'user/User/settings.json');
  await mkdir(path.dirname(settings), { recursive: true });
  await writeFile(settings, JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }, null, 2));
  const port = options.port ?? (await freePort());
  const logFile = path.join(folder, 'server.log');
  const log = await open(logFile, 'a');
  const child = spawn(
    server.node,
    [
      server.entry,
      ...folderArguments(folder),
      ...['--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'],
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-workspace-trust',
      '--disable-getting-started-override',
      '--disable-proxy',
      '--ignore-last-opened',
      ...(smokeTestDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    // A group of its own, so that the extension hosts can be ended with it.
    {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...environmentIn(folder), ...options.environment },
    },
  );
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  await log.close();
  const stop = (): Promise<void> => endGroup(child);
  const address = `http://127.0.0.1:${port}/healthz`;
  const giveUp = Date.now() + 60_000;
  while (!(await answers(address))) {
    if (child.exitCode !== null || Date.now() > giveUp) {
      await stop();
      throw new Error(`code-server did not start.\n${await readFile(logFile, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url: `http://localhost:${port}/`, ended, stop };
}

function codeServerHome(): string {
  const chosen = process.env.PRM_CODE_SERVER;
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  return path.join(cache, 'prm-workbench', `code-server-${CODE_SERVER}`);
}

function describeInstall(home: string): CodeServer {
  return {
    node: path.join(home, 'node/node_modules', nodePackage(), 'bin/node'),
    entry: path.join(home, 'cs/node_modules/code-server/out/node/entry.js'),
  };
}

const nodePackage = (): string => `node-${process.platform}-${process.arch}`;

async function install(folder: string, report: (line: string) => void): Promise<void> {
  const npm = (cwd: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<string> =>
    runOrThrow('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env });
  const emptyPackage = async (name: string): Promise<string> => {
    const made = path.join(folder, name);
    await mkdir(made, { recursive: true });
    await writeFile(path.join(made, 'package.json'), '{"private":true}\n');
    return made;
  };
  await npm(await emptyPackage('node'), [
    'install',
    '--ignore-scripts',
    '--no-save',
    `${nodePackage()}@${NODE}`,
  ]);
  const node = path.join(folder, 'node/node_modules', nodePackage());
  // Everything after this runs on, and native modules are built for, the Node that code-server will use.
  const env = {
    ...process.env,
    PATH: [path.join(node, 'bin'), process.env.PATH].join(path.delimiter),
    npm_config_nodedir: node,
  };
  const home = await emptyPackage('cs');
  await npm(home, ['install', '--ignore-scripts', `code-server@${CODE_SERVER}`], env);
  const vscode = path.join(home, 'node_modules/code-server/lib/vscode');
  await npm(vscode, ['install', '--omit=dev', '--ignore-scripts'], env);
  const rebuilt = await run('npm', ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], {
    cwd: vscode,
    env,
    quiet: true,
  });
  if (rebuilt.code !== 0) {
    report(
      'Two native modules of code-server (logging, watchdog) could not be built; it works without them.',
    );
  }
  await npm(path.join(vscode, 'extensions'), ['install', '--omit=dev', '--ignore-scripts'], env);
}

function folderArguments(folder: string): string[] {
  return [
    ...['--config', path.join(folder, 'config.yaml')],
    ...['--user-data-dir', path.join(folder, 'user')],
    ...['--extensions-dir', path.join(folder, 'extensions')],
  ];
}

/** code-server writes a configuration with a password unless it finds one. */
async function prepare(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.yaml'), '');
  return folder;
}

/** Nothing of the user's own editor is read or written, and no marketplace is asked. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const home = path.join(folder, 'home');
  return {
    ...process.env,
    // Set in a terminal of VS Code: the command would go to that window instead.
    VSCODE_IPC_HOOK_CLI: '',
    HOME: home,
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
}

async function answers(address: string): Promise<boolean> {
  return fetch(address).then(
    (response) => response.ok,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('No free port.'));
      });
    });
  });
}
