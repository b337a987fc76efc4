// Time and memory of a whole process, for benchmarks of commands.
import { spawn } from 'node:child_process';

export interface Figures {
  wallSeconds: number;
  cpuSeconds: number;
  peakMegabytes: number;
}

/** Printed by the process itself when it ends: Node does not tell a parent what its child used. */
const REPORT_USAGE =
  'data:text/javascript,import{writeSync}from"node:fs";' +
  'process.on("exit",()=>writeSync(3,JSON.stringify(process.resourceUsage())))';

/** Runs a script with Node and waits for its end. @throws Error where its status is not 0 */
export function measureProcess(script: string, argv: string[]): Promise<Figures> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', REPORT_USAGE, script, ...argv], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    let usage = '';
    child.stdio[3]?.on('data', (text) => (usage += String(text)));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status !== 0) {
        reject(new Error(`${script} ended with status ${status}`));
        return;
      }
      const used = JSON.parse(usage) as NodeJS.ResourceUsage;
      resolve({
        wallSeconds: (performance.now() - started) / 1000,
        cpuSeconds: (used.userCPUTime + used.systemCPUTime) / 1e6,
        peakMegabytes: used.maxRSS / 1024,
      });
    });
  });
}

export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** One line of medians. */
export function printFigures(name: string, figures: Figures[]): void {
  const of = (key: keyof Figures) => median(figures.map((figure) => figure[key]));
  console.log(
    `${name.padEnd(24)} ${of('wallSeconds').toFixed(2)} s, ${of('cpuSeconds').toFixed(2)} s of processor time, ` +
      `${of('peakMegabytes').toFixed(0)} MB at most`,
  );
}
