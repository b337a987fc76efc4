// The choice that `auto` makes, from reports of devices.
import { describe, expect, it } from 'vitest';
import { chooseDevice, fastestDevice } from '../../../../server/src/models/devices/choose.ts';
import { ACCELERATORS, type ChosenDevice } from '../../../../server/src/models/devices/device.ts';
import type { DeviceReport } from '../../../../server/src/models/devices/probe.ts';

const working = (device: ChosenDevice, gigaflops: number): DeviceReport => {
  return { device, adapter: undefined, works: true, milliseconds: 1, size: 1024, gigaflops };
};
const broken = (device: ChosenDevice): DeviceReport => {
  return { device, adapter: undefined, works: false, reason: 'No driver' };
};
const noProbe = (device: ChosenDevice) => Promise.reject(new Error(`${device} was tried again`));

describe('fastestDevice', () => {
  it('is the first accelerator that is faster than the CPU, of those tried already', async () => {
    const reports = [working('cpu', 100), ...ACCELERATORS.map((device) => working(device, 500))];
    expect(await fastestDevice(reports, noProbe)).toEqual({ device: ACCELERATORS[0], notes: [] });
  });

  it('is the CPU where others are slower or broken, and says so of each', async () => {
    const probed: ChosenDevice[] = [];
    const { device, notes } = await fastestDevice([], (wanted) => {
      probed.push(wanted);
      if (wanted === 'cpu') return Promise.resolve(working('cpu', 100));
      return Promise.resolve(wanted === 'webgpu' ? working('webgpu', 9.5) : broken(wanted));
    });
    expect(device).toBe('cpu');
    expect(probed).toEqual(['cpu', ...ACCELERATORS]);
    expect(notes).toHaveLength(ACCELERATORS.length);
    expect(notes).toContain('webgpu: slower than the CPU (matrix products at 9.5 GFLOP/s against 100.0).');
    if (ACCELERATORS.includes('cuda')) expect(notes).toContain('cuda: No driver.');
  });

  it('is an accelerator where the CPU itself does not work', async () => {
    const { device } = await fastestDevice([broken('cpu')], (wanted) => Promise.resolve(working(wanted, 1)));
    expect(device).toBe(ACCELERATORS[0]);
  });
});

describe('chooseDevice', () => {
  it('takes a wish as it is', async () => {
    expect(await chooseDevice('webgpu')).toEqual({ device: 'webgpu', notes: [] });
  });
});
