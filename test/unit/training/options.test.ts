// Options of a run: defaults, refusals by name, and what a resumed run may change.
import { describe, expect, it } from 'vitest';
import { completeOptions, resumedOptions } from '../../../server/src/training/optionChecks.ts';
import { optionDeclarations } from '../../../server/src/training/options.ts';

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
