// Options of a run: defaults, refusals by name, and what a resumed run may change.
import { describe, expect, it } from 'vitest';
import { completeOptions, resumedOptions } from '../../../server/src/training/optionChecks.ts';
import { stagesOf } from '../../../server/src/training/optionRules.ts';
import { optionDeclarations, type TrainOptions } from '../../../server/src/training/options.ts';

const needed = { data: 'data', output_dir: 'run' };
const refused = (options: Record<string, unknown>): string => {
  try {
    completeOptions({ ...needed, ...options });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('completeOptions', () => {
  it('fills in the documented defaults', () => {
    expect(completeOptions(needed)).toMatchObject({
      model_name: 'mini',
      batch_size: 16,
      num_epochs: 3,
      max_length: 1024,
      device: 'auto',
      seed: 42,
      balance: true,
      val_ratio: 0.1,
      resume: false,
      overwrite: false,
    });
  });

  it.each([
    [{ batch_size: -4 }, '--batch_size must be a whole number from 1 to 1024, not -4.'],
    [{ batch_size: 2.5 }, '--batch_size must be a whole number from 1 to 1024, not 2.5.'],
    [{ num_epochs: 0 }, '--num_epochs must be a whole number, 1 or more, not 0.'],
    [{ learning_rate: NaN }, '--learning_rate must be a number above 0, at most 1, not NaN.'],
    [{ learning_rate: 'fast' }, '--learning_rate must be a number above 0, at most 1, not fast.'],
    [{ learning_rate: -1e-3 }, '--learning_rate must be a number above 0, at most 1, not -0.001.'],
    [{ weight_decay: Infinity }, '--weight_decay must be a number from 0 to 10, not Infinity.'],
    [{ seed: -1 }, '--seed must be a whole number from 0 to 4294967295, not -1.'],
    [{ device: 'tpu' }, '--device must be one of auto, cpu, webgpu, cuda, dml, coreml, not tpu.'],
    [{ val_ratio: 1 }, '--val_ratio must be a number from 0 up to 1, not 1.'],
    [{ output_dir: undefined }, '--output_dir is missing. Give the path of a folder.'],
    [{ data: undefined }, /^No training data is named\. Give either --data .* or --dataset/],
    [{ dataset: 'x.parquet' }, /^--data and --dataset are both given\./],
    [{ resume: true, overwrite: true }, /^--resume and --overwrite contradict each other\./],
  ])('refuses %j', (options, message) => {
    if (typeof message === 'string') expect(refused(options)).toBe(message);
    else expect(refused(options)).toMatch(message);
  });
});

describe('methods and their defaults', () => {
  const complete = (more: Partial<TrainOptions>) => completeOptions({ ...needed, ...more });

  it('trains mini whole, a language model by adapters, and the default language model where adapters are asked for', () => {
    expect(complete({})).toMatchObject({ model_name: 'mini', method: 'full', learning_rate: 5e-4 });
    expect(complete({ model_name: 'models/x' })).toMatchObject({ method: 'lora', learning_rate: 1e-4 });
    expect(complete({ model_name: 'models/x', method: 'full' })).toMatchObject({ learning_rate: 1e-5 });
    expect(complete({ method: 'lora' })).toMatchObject({ model_name: 'Qwen/Qwen3-0.6B' });
    expect(complete({ stages: ['head', 'lora'] })).toMatchObject({
      model_name: 'Qwen/Qwen3-0.6B',
      learning_rate: [1e-4, 1e-4],
    });
  });

  it('gives each stage its epochs, rate and adapters', () => {
    const options = complete({
      stages: ['head', 'lora'],
      num_epochs: [1, 4],
      learning_rate: 2e-3,
      lora_targets: ['v_proj', 'q_proj'],
    });
    expect(stagesOf(options)).toEqual([
      { method: { kind: 'head' }, epochs: 1, learningRate: 2e-3 },
      {
        method: { kind: 'lora', rank: 16, alpha: 32, dropout: 0.05, targets: ['q_proj', 'v_proj'] },
        epochs: 4,
        learningRate: 2e-3,
      },
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ model_name: 'x', stages: ['head'], method: 'lora' }, '--stages and --method are both given'],
    [{ model_name: 'x', stages: ['lora', 'head'] }, '--stages lora,head: a stage head cannot follow lora'],
    [
      { model_name: 'x', stages: ['full', 'lora'] },
      '--stages full,lora: adapters for weights that this run has changed',
    ],
    [
      { model_name: 'x', stages: ['head', 'lora'], num_epochs: [1, 2, 3] },
      '--num_epochs has 3 numbers for 2 stages',
    ],
    [{ model_name: 'x', learning_rate: [1e-4, 1e-5] }, '--learning_rate has 2 numbers for 1 stage'],
    [{ model_name: 'mini', method: 'lora' }, 'mini is trained whole; adapters are for language models'],
    [{ model_name: 'mini', method: 'head' }, 'mini is trained from nothing, and a head alone cannot learn'],
    [
      { method: 'full', lora_rank: 8 },
      '--lora_rank has no effect with the method full: only lora has adapters. Leave it out',
    ],
    [
      { lora_alpha: 8, lora_dropout: 0.1 },
      '--lora_alpha, --lora_dropout have no effect with the method full',
    ],
    [{ model_name: 'x', method: 'head', recompute: 'on' }, '--recompute has no effect with the method head'],
    [{ neutral: 'correct' }, '--neutral has no effect with --data: it says how a dataset is formatted'],
    [
      { sampling: 'balanced', class_weights: 'balanced' },
      '--sampling balanced and --class_weights are both given',
    ],
    [{ class_weights: '1' }, '--class_weights must be none, balanced, or two numbers'],
    [
      { stages: ['adapters'] },
      '--stages must be methods with commas between them, each one of full, lora, head, not adapters',
    ],
    [{ lora_targets: ['k'] }, '--lora_targets must be all, or some of q_proj'],
    [{ max_memory: 'much' }, '--max_memory must be a size such as 6GB or 800MB, not much'],
  ])('refuses %j', (options, message) => {
    expect(refused(options)).toContain(message);
  });

  it('wants a weight for each dataset', () => {
    const given = { data: undefined, dataset: ['a', 'b'] };
    expect(refused({ ...given, weight: 2 })).toContain('--weight has 1 number for 2 datasets');
    expect(refused({ ...given, weight: [2, 1] })).toBe('accepted');
  });
});

describe('resumedOptions', () => {
  const own = completeOptions({ ...needed, learning_rate: 0.002 });

  it('takes the run’s own options where none are given', () => {
    expect(resumedOptions(own, { output_dir: 'run', resume: true })).toEqual({ ...own, resume: true });
  });

  it('accepts the same values and those that change nothing that is computed', () => {
    const given = { output_dir: 'moved', resume: true, learning_rate: 0.002, save_total_limit: 5 };
    expect(resumedOptions(own, given)).toEqual({ ...own, ...given });
  });

  it('names every option that differs', () => {
    expect(() =>
      resumedOptions(own, { output_dir: 'run', resume: true, learning_rate: 0.01, max_examples: 7 }),
    ).toThrow(
      'run: This run was started with other options: --learning_rate 0.01 (the run has 0.002), --max_examples 7 ' +
        '(the run has none). Leave these options out to resume it, or train into another --output_dir.',
    );
  });
});

describe('optionDeclarations', () => {
  it('tells switches, numbers and texts apart', () => {
    const kinds = Object.fromEntries(optionDeclarations().map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({
      data: 'text',
      device: 'text',
      max_examples: 'number',
      learning_rate: 'numbers',
      dataset: 'texts',
      stages: 'words',
      balance: 'switch',
      resume: 'switch',
    });
  });
});
