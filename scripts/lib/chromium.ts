// The browser that drives the VS Code suite where there is no desktop: found, or installed on need.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { ROOT } from './paths.ts';
import { findOnPath, run } from './processes.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const MAC_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** What a headless browser needs in a container, and what keeps it from calling out. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A Chromium that starts: `PRM_CHROMIUM`, one on PATH, or Playwright's; installed where there is none.
 * @throws an Error whose message says what was tried and what to do.
 */
export async function ensureChromium(report: (line: string) => void): Promise<string> {
  const found = await findChromium();
  if (found !== undefined) return found;
  const failures: string[] = [];
  for (const { name, steps } of installers()) {
    report(`No Chromium found; installing one with ${name}.`);
    let failure: string | undefined;
    for (const [command, ...args] of steps) {
      if (command === undefined) continue;
      const { code, output } = await run(command, args, {
        quiet: true,
        cwd: ROOT,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
      if (code !== 0) failure = lastLines(output);
      if (failure !== undefined) break;
    }
    const installed = await findChromium();
    if (installed !== undefined) return installed;
    failures.push(`${name}: ${failure ?? 'ended well, but no Chromium that starts was found after it'}`);
  }
  throw new Error(
    [
      'No Chromium was found, and none could be installed.',
      ...failures,
      'Install Chromium or Chrome by hand (for example: sudo apt-get install chromium), or set PRM_CHROMIUM to its path.',
    ].join('\n'),
  );
}

async function findChromium(): Promise<string | undefined> {
  const chosen = process.env.PRM_CHROMIUM;
  if (chosen !== undefined && chosen !== '') {
    if (await starts(chosen)) return chosen;
    throw new Error(`PRM_CHROMIUM is ${chosen}, which does not start. Set it to a Chromium, or unset it.`);
  }
  const candidates = [
    ...NAMES.map(findOnPath).filter((file) => file !== undefined),
    ...MAC_APPLICATIONS,
    chromium.executablePath(),
  ];
  for (const candidate of candidates) {
    // On some systems the `chromium` on PATH only tells how to install one, so it is tried.
    if (existsSync(candidate) && (await starts(candidate))) return candidate;
  }
  return undefined;
}

async function starts(executable: string): Promise<boolean> {
  const { code } = await run(executable, ['--version'], { quiet: true });
  return code === 0;
}

/** What a failed installer said at its end, without a stack trace. */
function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return lines.slice(-3).join('\n');
}

function installers(): { name: string; steps: string[][] }[] {
  const playwright = {
    name: 'playwright-core',
    steps: [[process.execPath, `${ROOT}/node_modules/playwright-core/cli.js`, 'install', 'chromium']],
  };
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || findOnPath('apt-get') === undefined) return [playwright];
  const apt = {
    name: 'apt-get',
    steps: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '--yes', '--no-install-recommends', 'chromium'],
    ],
  };
  return [apt, playwright];
}
