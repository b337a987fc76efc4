// Trying a device: what it answers, and what becomes of a process that ends or hangs instead.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeDevice } from '../../../../server/src/models/devices/probe.ts';
import { triedDevices } from '../../../support/devices.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-probe-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What is said of a device whose process does this. */
async function reasonOf(code: string, patience = 10_000): Promise<string> {
  const file = path.join(folder, 'program.cjs');
  await writeFile(file, code);
  const report = await probeDevice('webgpu', { file, patience });
  return report.works ? 'it works' : report.reason;
}

describe('probeDevice', () => {
  it('multiplies on the CPU, and says in one line why other devices are not there', async () => {
    const reports = await triedDevices();
    expect(reports.map(({ device }) => device)).toEqual(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']);
    const [cpu, ...others] = reports;
    expect(cpu).toMatchObject({ works: true, adapter: expect.stringMatching(/threads$/) as string });
    if (!cpu.works) throw new Error(cpu.reason);
    expect(cpu.gigaflops).toBeCloseTo((2 * cpu.size ** 3) / cpu.milliseconds / 1e6, 6);
    for (const report of others) {
      if (!report.works) expect(report.reason).toMatch(/^[A-Z][^\n]{5,200}[^.\n]$/);
    }
    expect(others.filter(({ works }) => !works).length).toBeGreaterThan(0); // No machine has all of them.
  });

  it('survives libraries that end the process', async () => {
    expect(await reasonOf('process.abort()')).toMatch(/^Its libraries ended the process that tried it \(/);
    expect(await reasonOf('process.exit(3)')).toBe(
      'Its libraries ended the process that tried it (status 3)',
    );
  });

  it('ends a process that hangs', async () => {
    expect(await reasonOf('for (;;);', 300)).toBe('It gave no answer within 0.3 s');
  });

  it('does not believe what it cannot read', async () => {
    expect(await reasonOf("process.send({ milliseconds: 'fast' })")).toBe('Its answer could not be read');
  });

  it('says what is missing where the program is', async () => {
    const file = path.join(folder, 'nothing.cjs');
    await expect(probeDevice('cpu', { file })).rejects.toThrow(
      `${file}: The program that tries devices is missing. Install the extension again`,
    );
  });
});
