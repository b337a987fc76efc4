// What the machine may do to a run: a disk that fills up, a clock that jumps.
import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { checkpointSteps, newestCheckpoint } from '../../../server/src/training/checkpoints.ts';
import type { TrainOptions } from '../../../server/src/training/options.ts';
import { resumeCommand, train } from '../../../server/src/training/train.ts';
import { smallDisk } from '../../support/smallDisk.ts';
import { TINY_LANGUAGE, writeSums } from '../../support/tinyLanguage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-surroundings-'));
  await writeSums(at('data'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function at(...names: string[]): string {
  return path.join(folder, ...names);
}

function run(outputDir: string, onEvent: (event: RunEvent) => void, more: Partial<TrainOptions> = {}) {
  return train(
    { ...TINY_LANGUAGE, method: 'lora', lora_rank: 4, data: at('data'), output_dir: outputDir, ...more },
    { onEvent },
  );
}

const disk = smallDisk('small-disk', '2m');
afterAll(() => disk?.remove());

describe.skipIf(disk === undefined)('a disk that fills up', () => {
  it('fails the run with every earlier checkpoint whole; with room again it ends like any other', async () => {
    const place = path.join(disk?.place ?? '', 'run');
    const filler = path.join(disk?.place ?? '', 'filler');
    const full = run(place, (event) => {
      if (event.type === 'step' && event.step === 8) fill(filler);
    });
    await expect(full).rejects.toThrow(
      `${place}: The disk is full. checkpoint-6 is kept. Free some space, then go on with: ${resumeCommand(place)}`,
    );
    const damaged: string[] = [];
    expect((await newestCheckpoint(place, (message) => damaged.push(message)))?.state.step).toBe(6);
    expect(damaged).toEqual([]);
    expect((await readdir(place)).filter((name) => name.startsWith('.') || name.endsWith('.tmp'))).toEqual(
      [],
    );

    await rm(filler);
    expect((await train({ output_dir: place, resume: true })).state).toBe('done');
    await run(at('roomy'), () => undefined);
    const model = (of: string) => readFile(path.join(of, 'final_model', 'adapter_model.safetensors'));
    expect((await model(place)).equals(await model(at('roomy')))).toBe(true);
    expect(await checkpointSteps(place)).toEqual(await checkpointSteps(at('roomy')));
  });
});

/** Writes until nothing more goes in. */
function fill(file: string): void {
  const block = Buffer.alloc(4096);
  try {
    for (;;) appendFileSync(file, block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

describe('a clock that jumps', () => {
  afterEach(() => vi.useRealTimers());

  it('changes no rate and no time left', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const steps: Extract<RunEvent, { type: 'step' }>[] = [];
    const { state } = await run(at('jumping'), (event) => {
      if (event.type === 'step') steps.push(event);
      // A day back, a year ahead, in turn.
      vi.setSystemTime(steps.length % 2 === 0 ? 1.7e12 : 1.73e12);
    });
    expect(state).toBe('done');
    for (const { secondsLeft, stepsPerSecond, tokensPerSecond } of steps) {
      expect(secondsLeft).toBeGreaterThanOrEqual(0);
      expect(secondsLeft).toBeLessThan(3600);
      for (const rate of [stepsPerSecond, tokensPerSecond]) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThan(Infinity);
      }
    }
  });
});
