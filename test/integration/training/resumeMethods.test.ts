// Runs with adapters, heads, accumulation and stages, killed at a moment that chance picks, end to the bit like whole ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../../../server/src/training/events.ts';
import type { TrainOptions } from '../../../server/src/training/options.ts';
import { train } from '../../../server/src/training/train.ts';
import { TINY_LANGUAGE, writeSums } from '../../support/tinyLanguage.ts';

/** A run in a process of its own, to be killed: prints its step after each one. */
const SCRIPT = `
  const { train } = await import(${JSON.stringify(path.resolve(import.meta.dirname, '../../../server/src/training/train.ts'))});
  await train(JSON.parse(process.argv[1]), {
    onEvent: (event) => { if (event.type === 'step') console.log(event.step); },
  });
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-methods-'));
  await writeSums(at('data'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function at(...names: string[]): string {
  return path.join(folder, ...names);
}

/** What a run said and left, but for times and rates; of steps made twice, the later one. */
async function resultOf(name: string) {
  const { events, unreadableLines } = await readEvents(at(name, 'events.jsonl'));
  expect(unreadableLines).toBe(0);
  const steps = new Map<number, unknown>();
  const evaluations = new Map<number, unknown>();
  for (const event of events) {
    if (event.type === 'step') {
      const { step, epoch, loss, accuracy, learningRate, gradientNorm, examples, stage } = event;
      steps.set(step, { epoch, loss, accuracy, learningRate, gradientNorm, examples, stage });
    }
    if (event.type === 'evaluation') {
      const { step, epoch, metrics, best, report } = event;
      evaluations.set(step, { epoch, metrics, best, report });
    }
  }
  const models: Record<string, string> = {};
  for (const model of ['best_model', 'final_model']) {
    for (const file of await readdir(at(name, model))) {
      // prm.json and the card name the run.
      if (!file.endsWith('.safetensors')) continue;
      models[`${model}/${file}`] = (await readFile(at(name, model, file))).toString('base64');
    }
  }
  expect(Object.keys(models)).toHaveLength(2);
  return { steps, evaluations, models };
}

/** Ends the run's process without a word, some time after the step. */
async function killedAt(options: TrainOptions, step: number, milliseconds: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT, JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number(line) !== step) continue;
    await wait(milliseconds);
    child.kill('SIGKILL');
  }
  await ended;
}

describe.each<[string, Partial<TrainOptions>]>([
  [
    'lora with dropout, two batches a step',
    { method: 'lora', lora_rank: 4, lora_dropout: 0.2, gradient_accumulation_steps: 2, num_epochs: 4 },
  ],
  [
    'head, with weights of classes and soft labels',
    { method: 'head', class_weights: 'balanced', soft_labels: true },
  ],
  ['stages head and lora', { stages: ['head', 'lora'], lora_rank: 4, num_epochs: 1, lora_dropout: 0.1 }],
  [
    'stages full and head, recomputed',
    { stages: ['full', 'head'], num_epochs: 1, recompute: 'on', sampling: 'balanced' },
  ],
])('%s', (title, more) => {
  it('ends the same after SIGKILL', async () => {
    const name = title.replaceAll(' ', '-');
    const options = { ...TINY_LANGUAGE, ...more, data: at('data') };
    const { totalSteps } = await train({ ...options, output_dir: at(`${name}-whole`) });
    const whole = await resultOf(`${name}-whole`);
    expect(whole.steps.size).toBe(totalSteps);

    // The first checkpoint is written after step 3; the moment within the step is chance's as well.
    const step = 4 + Math.floor(Math.random() * (totalSteps - 5));
    const milliseconds = Math.random() * 30;
    const moment = `killed ${milliseconds.toFixed(1)} ms after step ${step} of ${totalSteps}`;
    await killedAt({ ...options, output_dir: at(name) }, step, milliseconds);
    if (!(await readdir(at(name))).includes('final_model')) {
      await train({ output_dir: at(name), resume: true });
    }
    expect(await resultOf(name), moment).toEqual(whole);
    expect(
      (await readdir(at(name))).filter((entry) => /^\.|tmp|lock|old/.test(entry)),
      moment,
    ).toEqual([]);
  });
});

describe('a staged run', () => {
  it('ends the same after a stop at the border of its stages, before the evaluation there', async () => {
    const options = {
      ...TINY_LANGUAGE,
      data: at('data'),
      stages: ['head' as const, 'lora' as const],
      num_epochs: 1,
    };
    await train({ ...options, output_dir: at('border-whole') });
    const stop = new AbortController();
    const stopped = await train(
      { ...options, output_dir: at('border') },
      {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === 'step' && event.step === 8) stop.abort();
        },
      },
    );
    expect(stopped).toMatchObject({ state: 'stopped', step: 8, totalSteps: 16 });
    await train({ output_dir: at('border'), resume: true });
    expect(await resultOf('border')).toEqual(await resultOf('border-whole'));
  });
});
