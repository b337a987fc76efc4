// Training runs small enough for tests: a tiny decoder, a few dozen real reasoning paths.
import path from 'node:path';
import type { RunEvent } from '../../protocol/src/runs.ts';
import { formatDataset } from '../../server/src/datasets/format/format.ts';
import { MINI_CONFIG } from '../../server/src/models/families/mini.ts';
import { train, type TrainHooks, type TrainOutcome } from '../../server/src/training/train.ts';
import type { TrainOptions } from '../../server/src/training/options.ts';

/** The bundled dataset. */
export const SAMPLE = path.resolve(import.meta.dirname, '../../samples/gsm8k-stepwise-sample.parquet');

const TINY_CONFIG = {
  ...MINI_CONFIG,
  hidden_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  head_dim: 16,
  intermediate_size: 64,
};

/** Formats some rows of the bundled sample. */
export async function formatSample(outputDir: string, { rows = 48, valRatio = 0.3 } = {}): Promise<void> {
  await formatDataset(
    {
      inputs: [{ dataset: SAMPLE }],
      outputDir,
      maxExamples: rows,
      balance: true,
      valRatio,
      seed: 1,
      completions: 'auto',
      emptySteps: 'drop',
      overwrite: true,
    },
    {},
  );
}

/** Some 20 optimiser steps on 48 rows, an evaluation every 5, a checkpoint every 3. */
export const TINY_OPTIONS = {
  batch_size: 4,
  num_epochs: 2,
  eval_steps: 5,
  save_steps: 3,
  device: 'cpu',
} satisfies Partial<TrainOptions>;

/** Trains the tiny decoder and keeps everything that was said. */
export async function trainTiny(
  options: TrainOptions,
  hooks: TrainHooks = {},
): Promise<{ outcome: TrainOutcome; events: RunEvent[]; notices: string[] }> {
  const events: RunEvent[] = [];
  const notices: string[] = [];
  const outcome = await train(
    options,
    {
      ...hooks,
      onEvent: (event) => {
        events.push(event);
        hooks.onEvent?.(event);
      },
      onNotice: (message) => notices.push(message),
    },
    { decoderConfig: TINY_CONFIG },
  );
  return { outcome, events, notices };
}
