// `prm devices` of the built command line: every device is tried in a process of its own, and one is chosen.
import { describe, expect, it } from 'vitest';
import { DEVICES } from '../../../protocol/src/engine.ts';
import type { DeviceChoice } from '../../../server/src/models/devices/device.ts';
import type { DeviceReport } from '../../../server/src/models/devices/probe.ts';
import { runPrm } from '../../support/prm.ts';

describe('prm devices', () => {
  it('prints what works, how fast, and what auto takes', async () => {
    const { status, stdout, stderr } = await runPrm(['devices'], { cwd: '.' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^cpu +works +[\d.e+]+ GFLOP\/s \(\d+³ product in [\d.]+ ms\) .+ threads$/m);
    for (const device of DEVICES.slice(1))
      expect(stdout).toMatch(new RegExp(`^${device} +(works|no) +\\S`, 'm'));
    expect(stdout).toMatch(/^auto takes \w+\.$/m);
  });

  it('gives the same to programs', async () => {
    const { status, stdout } = await runPrm(['devices', '--json'], { cwd: '.' });
    expect(status).toBe(0);
    const { devices, auto } = JSON.parse(stdout) as { devices: DeviceReport[]; auto: DeviceChoice };
    expect(devices.map(({ device }) => device)).toEqual(DEVICES.slice(1));
    expect(devices.filter(({ works }) => works).map(({ device }) => device)).toContain(auto.device);
    for (const report of devices) {
      if (report.works) expect(report.gigaflops).toBeGreaterThan(0);
      else expect(report.reason).not.toBe('');
    }
  });
});
