// Runs that share a device find each other, and files of runs that ended do not count.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announceUse, useNotice } from '../../../../server/src/models/devices/inUse.ts';

let directory: string;
beforeEach(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), 'prm-in-use-')), 'registry');
});
afterEach(async () => {
  await rm(path.dirname(directory), { recursive: true });
});

describe('announceUse', () => {
  it('finds the runs on the same device that are there', async () => {
    const first = await announceUse('webgpu', '/runs/first', directory);
    const elsewhere = await announceUse('cpu', '/runs/elsewhere', directory);
    expect([first.others, elsewhere.others]).toEqual([[], []]);
    const second = await announceUse('webgpu', '/runs/second', directory);
    expect(second.others).toEqual([{ device: 'webgpu', pid: process.pid, folder: '/runs/first' }]);
    const nextStage = await announceUse('webgpu', '/runs/first', directory);
    expect(nextStage.others.map(({ folder }) => folder)).toEqual(['/runs/second']);
    await first.release();
    await nextStage.release();
    const third = await announceUse('webgpu', '/runs/third', directory);
    expect(third.others.map(({ folder }) => folder)).toEqual(['/runs/second']);
    for (const { release } of [elsewhere, second, third]) await release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('passes over runs that were killed, and damaged files, and removes them', async () => {
    const killed = spawn(process.execPath, ['-e', '0']);
    await once(killed, 'exit');
    const { release } = await announceUse('cpu', '/runs/one', directory);
    await release();
    const left = { device: 'cpu', pid: killed.pid, folder: '/runs/killed' };
    await writeFile(path.join(directory, `cpu-${killed.pid}-x.json`), JSON.stringify(left));
    await writeFile(path.join(directory, 'cpu-1-y.json'), '{"device": "c');
    const { others } = await announceUse('cpu', '/runs/two', directory);
    expect(others).toEqual([]);
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('fails where its folder cannot be made', async () => {
    await writeFile(path.dirname(directory) + '/file', '');
    const inside = path.join(path.dirname(directory), 'file', 'registry');
    await expect(announceUse('cpu', '/runs/one', inside)).rejects.toThrow('ENOTDIR');
  });
});

describe('useNotice', () => {
  it('says what sharing costs', () => {
    const use = { device: 'x', pid: 7, folder: '/runs/a' };
    expect(useNotice('cpu', use)).toBe(
      'Another run (process 7, /runs/a) is training on cpu. Both are slower for it.',
    );
    expect(useNotice('webgpu', use)).toMatch(
      /process 7.*webgpu\. They share its memory, which may run out\.$/,
    );
  });
});
