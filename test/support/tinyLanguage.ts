// Fine-tuning small enough for tests: a random language model of 32,000 parameters, and sums that hold or fail.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Example } from '../../server/src/datasets/trace.ts';
import type { TrainOptions } from '../../server/src/training/options.ts';
import { writeJsonl } from './stepwise.ts';

/** test/fixtures/backbone: a Llama of two layers with its tokenizer. */
export const BACKBONE = path.resolve(import.meta.dirname, '../fixtures/backbone');

/** Two steps each: sums that hold, or one that fails; every third example has a share beside its label. */
function sums(from: number, to: number): Example[] {
  return Array.from({ length: to - from }, (_, index) => from + index).flatMap((number) => {
    const steps = [`${number} + 3 = ${number + 3}`, `${number + 3} + 1 = ${number + 4 + (number % 2)}`];
    return steps.map((step, index): Example => {
      const label = index === 1 && number % 2 === 1 ? 0 : 1;
      return {
        problem: `Add 4 to ${number}.`,
        step,
        previous_steps: steps.slice(0, index),
        reasoning_path: steps.slice(0, index + 1),
        label,
        ...(number % 3 === 0 ? { soft: label === 1 ? 0.8 : 0.1 } : {}),
        step_index: index,
        total_steps: steps.length,
      };
    });
  });
}

/** A data folder with `paths` training paths and a quarter as many others for validation. */
export async function writeSums(folder: string, paths = 32): Promise<void> {
  await mkdir(folder, { recursive: true });
  writeJsonl(path.join(folder, 'prm_train.jsonl'), sums(0, paths));
  writeJsonl(path.join(folder, 'prm_val.jsonl'), sums(paths, paths + Math.ceil(paths / 4)));
}

/** 8 optimiser steps an epoch, an evaluation every 5, a checkpoint every 3. */
export const TINY_LANGUAGE = {
  model_name: BACKBONE,
  batch_size: 4,
  num_epochs: 2,
  learning_rate: 3e-3,
  max_length: 256,
  eval_steps: 5,
  save_steps: 3,
  device: 'cpu',
} satisfies Partial<TrainOptions>;
