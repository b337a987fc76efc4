// A command whose process dies, hangs or is stopped: one clear line, a status, and nothing left running.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { supervise } from '../../../server/src/commands/supervise.ts';
import { isProcessAlive } from '../../../server/src/support/processes.ts';
import { COMMANDS } from '../../../server/src/commands/index.ts';
import { DATASET_COMMANDS } from '../../../server/src/commands/datasetCommands.ts';
import { CLI_FILE } from '../../support/bundles.ts';
import { stepwiseRows, writeJsonl } from '../../support/stepwise.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'supervise-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Supervises a program that is written as text. */
async function run(
  program: string,
  { patience, environment = process.env }: { patience?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<{ status: number; stderr: string }> {
  const script = path.join(folder, 'program.cjs');
  writeFileSync(script, program);
  const stderr = new PassThrough();
  let text = '';
  stderr.on('data', (chunk) => (text += String(chunk)));
  const status = await supervise({
    script,
    argv: ['first', 'second'],
    environment,
    stderr,
    interactive: true,
    ...(patience !== undefined && { patience }),
  });
  return { status, stderr: text };
}

const DIED = (how: string): string =>
  `prm: the process that reads the dataset ${how}. The file is probably damaged, or memory ran out. Check it, or fetch it again.\n`;

describe('a supervised process', () => {
  it('passes on its messages and its status', async () => {
    const program =
      'process.stderr.write(process.argv.slice(2).join() + process.env.PRM_TERMINAL); process.exitCode = 3';
    expect(await run(program)).toEqual({ status: 3, stderr: 'first,second1' });
  });

  it.each([
    ['process.abort()', 'SIGABRT'],
    ["process.kill(process.pid, 'SIGKILL')", 'SIGKILL'],
  ])('that ends by %s is reported in one line', async (program, signal) => {
    expect(await run(`process.stderr.write('before\\n', () => { ${program} })`)).toEqual({
      status: 2,
      stderr: `before\n${DIED(`died (${signal})`)}`,
    });
  });

  it('keeps what was said before the last words, also in one piece with them', async () => {
    const words = 'before\\n\\n----- Native stack trace -----\\n 1: 0xd3a3c0';
    expect(await run(`process.stderr.write('${words}', () => process.kill(process.pid, 'SIGKILL'))`)).toEqual(
      {
        status: 2,
        stderr: `before\n${DIED('died (SIGKILL)')}`,
      },
    );
  });

  it('that runs out of memory is reported in one line', async () => {
    const program = "const kept = []; for (;;) kept.push({ text: 'x'.repeat(100) + kept.length })";
    const environment = { ...process.env, NODE_OPTIONS: '--max-old-space-size=40' };
    const { status, stderr } = await run(program, { environment });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^prm: the process that reads the dataset died \(SIG(ABRT|TRAP|ILL)\)\. [^\n]*\n$/,
    );
  });

  it('that hangs is ended', async () => {
    expect(await run('for (;;);', { patience: 2 })).toEqual({
      status: 2,
      stderr: DIED('gave no sign of life for 2 s and was ended'),
    });
  });
});

it('supervises commands that exist', () => {
  expect(COMMANDS.map(({ name }) => name)).toEqual(expect.arrayContaining([...DATASET_COMMANDS]));
});

describe('prm format, supervised', () => {
  it('takes its worker along when it is killed', async () => {
    writeJsonl(path.join(folder, 'rows.jsonl'), stepwiseRows(30_000));
    const child = spawn(process.execPath, [CLI_FILE, 'format', '--dataset', 'rows.jsonl'], {
      cwd: folder,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const worker = await childOf(child.pid ?? 0);
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => isProcessAlive(worker), { timeout: 10_000 }).toBe(false);
  });
});

/** The process id of the only child of a process. */
async function childOf(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  let children = '';
  await expect
    .poll(
      async () => {
        children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
        return children;
      },
      { timeout: 10_000 },
    )
    .toMatch(/^\d+$/);
  return Number(children);
}
