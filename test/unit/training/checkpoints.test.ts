// Checkpoints: written whole or not at all, read back to the bit, damaged ones passed over with a word.
import { access, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as safetensors from '../../../server/src/models/safetensors.ts';
import {
  newestCheckpoint,
  pruneCheckpoints,
  removeUnfinished,
  writeCheckpoint,
  type Checkpoint,
} from '../../../server/src/training/checkpoints.ts';

vi.mock(import('../../../server/src/models/safetensors.ts'), async (original) => {
  const actual = await original();
  return { ...actual, writeSafetensors: vi.fn(actual.writeSafetensors) };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-checkpoints-'));
});
afterEach(async () => {
  vi.mocked(safetensors.writeSafetensors).mockReset();
  const { writeSafetensors } = await vi.importActual<typeof safetensors>(
    '../../../server/src/models/safetensors.ts',
  );
  vi.mocked(safetensors.writeSafetensors).mockImplementation(writeSafetensors);
  await rm(folder, { recursive: true, force: true });
});

function checkpointAt(step: number): Checkpoint {
  const tensors = (from: number) =>
    new Map([
      ['a.weight', Float32Array.from([from, -0, 1e-45, 3.4e38])],
      ['b.weight', Float32Array.from([from / 3])],
    ]);
  return {
    state: {
      step,
      total_steps: 100,
      epoch: 1,
      stage: 0,
      examples: 0,
      stale: 0,
      batch_in_epoch: 3,
      evaluated: null,
      best: null,
      data_sha256: 'ab'.repeat(32),
    },
    parameters: tensors(step + 0.1),
    optimizer: { step, first: tensors(step + 0.2), second: tensors(step + 0.3) },
  };
}

const ignored = (): string[] => [];

describe('writeCheckpoint and newestCheckpoint', () => {
  it('gives back the newest one to the bit', async () => {
    await writeCheckpoint(folder, checkpointAt(9));
    expect(await writeCheckpoint(folder, checkpointAt(10))).toBe('checkpoint-10');
    const notes = ignored();
    expect(await newestCheckpoint(folder, (note) => notes.push(note))).toEqual(checkpointAt(10));
    expect(notes).toEqual([]);
  });

  it('is undefined where there is none', async () => {
    await mkdir(path.join(folder, 'checkpoint-x'));
    expect(await newestCheckpoint(folder, () => undefined)).toBeUndefined();
  });

  it.each([
    ['model.safetensors cut short', (at: string) => truncate(path.join(at, 'model.safetensors'), 200)],
    ['optimizer.safetensors missing', (at: string) => rm(path.join(at, 'optimizer.safetensors'))],
    ['trainer_state.json cut short', (at: string) => truncate(path.join(at, 'trainer_state.json'), 30)],
    [
      'one byte of the weights changed',
      async (at: string) => {
        const file = path.join(at, 'model.safetensors');
        const bytes = await readFile(file);
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
        await writeFile(file, bytes);
      },
    ],
  ])('passes over a checkpoint with %s', async (_name, damage) => {
    await writeCheckpoint(folder, checkpointAt(5));
    await writeCheckpoint(folder, checkpointAt(6));
    await damage(path.join(folder, 'checkpoint-6'));
    const notes = ignored();
    const found = await newestCheckpoint(folder, (note) => notes.push(note));
    expect(found?.state.step).toBe(5);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^checkpoint-6 is not whole and is passed over: /);
  });

  it('leaves nothing of a checkpoint that the disk had no room for, and says so', async () => {
    await writeCheckpoint(folder, checkpointAt(1));
    vi.mocked(safetensors.writeSafetensors).mockRejectedValueOnce(
      Object.assign(new Error('write failed'), { code: 'ENOSPC' }),
    );
    await expect(writeCheckpoint(folder, checkpointAt(2))).rejects.toThrow(
      `${path.join(folder, 'checkpoint-2')}: The disk is full. Free some space, then go on with --resume.`,
    );
    expect(await readdir(folder)).toEqual(['checkpoint-1']);
  });
});

describe('pruneCheckpoints', () => {
  it('keeps the newest ones and the best', async () => {
    for (const step of [2, 10, 30, 9]) await writeCheckpoint(folder, checkpointAt(step));
    await pruneCheckpoints(folder, { keep: 2, bestStep: 2 });
    expect((await readdir(folder)).sort()).toEqual(['checkpoint-10', 'checkpoint-2', 'checkpoint-30']);
  });
});

describe('removeUnfinished', () => {
  it('removes what a kill left half written, and nothing else', async () => {
    await writeCheckpoint(folder, checkpointAt(3));
    await mkdir(path.join(folder, '.unfinished-checkpoint-4-0f'));
    await mkdir(path.join(folder, 'best_model.0f.tmp'));
    await mkdir(path.join(folder, 'best_model'));
    await removeUnfinished(folder);
    expect((await readdir(folder)).sort()).toEqual(['best_model', 'checkpoint-3']);
    await access(path.join(folder, 'checkpoint-3', 'trainer_state.json'));
  });
});
