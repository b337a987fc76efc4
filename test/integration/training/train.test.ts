// A training run from real data to a model folder, and everything that it must refuse or warn about.
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Example } from '../../../server/src/datasets/trace.ts';
import { openBackbone } from '../../../server/src/models/backbones/backboneFolder.ts';
import { readWeight } from '../../../server/src/models/backbones/weight.ts';
import { loadTrained, readModelFolder } from '../../../server/src/models/modelFolder.ts';
import { newestCheckpoint, writeCheckpoint } from '../../../server/src/training/checkpoints.ts';
import { readEvents } from '../../../server/src/training/events.ts';
import type { TrainOptions } from '../../../server/src/training/options.ts';
import { PrmError } from '../../../server/src/support/errors.ts';
import { HostStore } from '../../../server/src/training/hostStore.ts';
import { train as trainModel } from '../../../server/src/training/train.ts';
import { formatSample, SAMPLE, TINY_OPTIONS, trainTiny } from '../../support/tinyTraining.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-train-'));
  await formatSample(at('data'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function at(...names: string[]): string {
  return path.join(folder, ...names);
}

function options(name: string, more: Partial<TrainOptions> = {}): TrainOptions {
  return { ...TINY_OPTIONS, num_epochs: 1, data: at('data'), output_dir: at(name), ...more };
}

const train = (name: string, more: Partial<TrainOptions> = {}) => trainTiny(options(name, more));

function example(path: string[], label: 0 | 1, problem: string, total = path.length): Example {
  return {
    problem,
    step: path.at(-1) ?? '',
    previous_steps: path.slice(0, -1),
    reasoning_path: path,
    label,
    step_index: path.length - 1,
    total_steps: total,
  };
}

async function writeExamples(name: string, split: 'train' | 'val', examples: Example[]): Promise<void> {
  await mkdir(at(name), { recursive: true });
  const lines = examples.map((one) => `${JSON.stringify(one)}\n`);
  await writeFile(at(name, `prm_${split}.jsonl`), lines.join(''));
}

/** Formatted data by the labels of each path's steps. */
async function writeData(name: string, split: 'train' | 'val', paths: (0 | 1)[][]): Promise<void> {
  const examples = paths.flatMap((labels, number) => {
    const steps = labels.map((_, step) => `${number} + ${step} = ${number + step}`);
    return labels.map((label, index) =>
      example(steps.slice(0, index + 1), label, `Problem ${number}?`, labels.length),
    );
  });
  await writeExamples(name, split, examples);
}

/** SHA-256 of every file, by its path in the folder. */
async function contents(of: string): Promise<Record<string, string>> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const hashes = files.map(async (file): Promise<[string, string]> => [
    path.relative(of, file).replaceAll(path.sep, '/'),
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  ]);
  return Object.fromEntries(await Promise.all(hashes));
}

describe('a run', () => {
  it('leaves a run folder with everything in it', async () => {
    const { outcome, events } = await train('run');
    expect((await readdir(at('run'))).filter((name) => !name.startsWith('checkpoint-')).sort()).toEqual([
      'best_model',
      'config.json',
      'evaluation-10.json',
      'evaluation-5.json',
      'events.jsonl',
      'final_model',
    ]);
    expect(JSON.parse(await readFile(at('run', 'config.json'), 'utf8'))).toMatchObject({
      kind: 'prm-training-run',
      options: { data: at('data'), batch_size: 4, num_epochs: 1, seed: 42, max_length: 1024 },
      versions: { node: process.version },
    });
    expect(await readEvents(at('run', 'events.jsonl'))).toEqual({ events, unreadableLines: 0 });
    expect(events[0]).toMatchObject({
      type: 'start',
      fromStep: 0,
      device: 'cpu',
      totalSteps: outcome.totalSteps,
    });
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(outcome.totalSteps);
    expect(events.at(-1)).toMatchObject({ type: 'end', state: 'done', step: outcome.totalSteps });

    const best = await readModelFolder(at('run', 'best_model'));
    expect(best.description).toMatchObject({
      name: 'run',
      family: 'mini',
      threshold: 0.5,
      metrics: outcome.best?.metrics,
      training: { step: outcome.best?.step, seed: 42, paths: outcome.train.paths },
    });
    expect((await readModelFolder(at('run', 'final_model'))).description.training).toMatchObject({
      step: outcome.totalSteps,
    });
  });

  it('takes the evaluation with the highest accuracy as the best one', async () => {
    const { outcome, events } = await train('best', { eval_steps: 2, save_steps: 100, max_examples: 24 });
    const evaluations = events.filter((event) => event.type === 'evaluation');
    const highest = Math.max(...evaluations.map(({ metrics }) => metrics.accuracy));
    expect(outcome.best?.metrics.accuracy).toBe(highest);
    expect(evaluations.filter(({ best }) => best).at(-1)?.step).toBe(outcome.best?.step);
  });

  it('is the same for the same seed and another one for another', async () => {
    const losses = async (name: string, seed: number): Promise<number[]> =>
      (await train(name, { seed, max_examples: 12 })).events.flatMap((event) =>
        event.type === 'step' ? [event.loss] : [],
      );
    const first = await losses('seed-a', 5);
    expect(await losses('seed-b', 5)).toEqual(first);
    expect(await losses('seed-c', 6)).not.toEqual(first);
  });

  it('learns what can be learned, and is measured on paths that it has not seen', async () => {
    // One step each: a sum that holds is correct, one that fails is not.
    const sums = (from: number, to: number): Example[] =>
      Array.from({ length: to - from }, (_, index) => {
        const number = from + index;
        const step = `${number} + 3 = ${number + 3 + (number % 2)}`;
        return example([step], number % 2 === 0 ? 1 : 0, `Add 3 to ${number}.`);
      });
    await writeExamples('sums', 'train', sums(0, 96));
    await writeExamples('sums', 'val', sums(96, 120));
    const { outcome } = await train('sums-run', {
      data: at('sums'),
      batch_size: 8,
      num_epochs: 6,
      learning_rate: 0.01,
      eval_steps: 12,
    });
    expect(outcome.best?.metrics).toMatchObject({ steps: 24, incorrect: 12, majorityAccuracy: 0.5 });
    expect(outcome.best?.metrics.balancedAccuracy).toBeGreaterThan(0.9);
  });
});

describe('a language model from a Hugging Face folder', () => {
  const BACKBONE = fileURLToPath(new URL('../../fixtures/backbone', import.meta.url));
  const settings = (name: string, more: Partial<TrainOptions> = {}) =>
    options(name, { model_name: BACKBONE, method: 'full', learning_rate: 0.003, max_length: 512, ...more });

  it('is fine-tuned with all of its weights, and leaves a model that scores', async () => {
    const losses: number[] = [];
    const outcome = await trainModel(settings('language', { num_epochs: 3 }), {
      onEvent: (event) => {
        if (event.type === 'step') losses.push(event.loss);
      },
    });
    expect(outcome.state).toBe('done');
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));
    const before = await openBackbone(BACKBONE).then(({ weights }) => weights(42));
    const after = await loadTrained(at('language', 'best_model'));
    const { config, description, tokenizer } = await readModelFolder(at('language', 'best_model'));
    expect(config.model_type).toBe('llama');
    expect(description).toMatchObject({ family: 'trl', stepSeparator: '\n' });
    for (const [name, weight] of before) {
      expect(after.get(name)?.join() === (await readWeight(weight)).join(), name).toBe(false);
    }
    expect(tokenizer.beginning).toEqual([0]);
  });

  it('goes on after a stop at the very step', async () => {
    const finalWeights = async (name: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(at(name, 'final_model', 'model.safetensors')))
        .digest('hex');
    await trainModel(settings('whole'));
    const stop = new AbortController();
    const stopped = await trainModel(settings('halves'), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 4) stop.abort();
      },
    });
    expect(stopped.state).toBe('stopped');
    expect((await trainModel({ output_dir: at('halves'), resume: true })).state).toBe('done');
    expect(await finalWeights('halves')).toBe(await finalWeights('whole'));
  });
});

describe('data', () => {
  it('without validation: nothing is evaluated, and the final model is the best one', async () => {
    await writeData('no-validation', 'train', [[1, 0], [1, 1], [0]]);
    const { outcome, notices } = await train('no-validation-run', { data: at('no-validation') });
    expect(notices).toContain(
      'There is no validation data: nothing is evaluated, and best_model is the final model.',
    );
    expect(outcome).toMatchObject({ best: undefined, finalMetrics: undefined });
    const weights = (model: string) => readFile(at('no-validation-run', model, 'model.safetensors'));
    expect((await weights('best_model')).equals(await weights('final_model'))).toBe(true);
  });

  it('with one class for validation: rates that need both are null, with a word', async () => {
    await writeData('one-class', 'train', [[1, 0], [1, 1], [0]]);
    await writeData('one-class', 'val', [[1, 1], [1]]);
    const { outcome, notices } = await train('one-class-run', { data: at('one-class') });
    expect(notices).toContain(
      'The validation data has one class only: balanced accuracy and AUROC cannot be told, and accuracy says little.',
    );
    expect(outcome.finalMetrics).toMatchObject({
      steps: 3,
      balancedAccuracy: null,
      auroc: null,
      f1Incorrect: null,
      majorityAccuracy: 1,
    });
    expect((await readModelFolder(at('one-class-run', 'best_model'))).description.metrics?.auroc).toBeNull();
  });

  it('with one class for training: refused, because there is nothing to tell apart', async () => {
    await writeData('all-correct', 'train', [[1, 1], [1]]);
    await expect(train('all-correct-run', { data: at('all-correct') })).rejects.toThrow(
      `${at('all-correct', 'prm_train.jsonl')}: Every labelled training step is correct (3 steps): there is nothing to tell apart. ` +
        'Take data with correct and incorrect steps; prm inspect shows what a dataset has.',
    );
    expect(await readdir(folder)).not.toContain('all-correct-run');
  });

  it('longer than --max_length: cut at a step border, and counted', async () => {
    const { notices, outcome } = await train('cut', { max_length: 100 });
    expect(outcome.train.cutPaths).toBeGreaterThan(0);
    expect(notices.join('\n')).toMatch(
      /\d+ training paths are longer than --max_length 100 and were cut at a step border; \d+ labelled steps are lost\./,
    );
  });
});

describe('refusals', () => {
  const refusal = async (name: string, more: Partial<TrainOptions> = {}): Promise<string> =>
    train(name, more).then(
      () => 'accepted',
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    );

  it('no data folder, no training file: nothing is made', async () => {
    expect(await refusal('x', { data: at('nowhere') })).toBe(
      `PrmError: ${at('nowhere')}: There is no such data folder. Make it with prm format, or name a dataset to format with --dataset.`,
    );
    await mkdir(at('empty-folder'));
    expect(await refusal('x', { data: at('empty-folder') })).toBe(
      `PrmError: ${at('empty-folder')}: The data folder has no prm_train.jsonl. Give the --output_dir of prm format, or name a dataset to format with --dataset.`,
    );
    expect(await readdir(folder)).not.toContain('x');
  });

  it('an empty file, a broken line: nothing is made', async () => {
    await mkdir(at('bad'));
    await writeFile(at('bad', 'prm_train.jsonl'), '');
    expect(await refusal('bad-run', { data: at('bad') })).toBe(
      `PrmError: ${at('bad', 'prm_train.jsonl')}: The training file is empty. Format a dataset with labelled steps, or raise --max_length.`,
    );
    await writeFile(at('bad', 'prm_train.jsonl'), '{"problem": "P", "step"');
    expect(await refusal('bad-run', { data: at('bad') })).toMatch(
      /prm_train\.jsonl, line 1: the line is not JSON/,
    );
    expect(await readdir(folder)).not.toContain('bad-run');
  });

  it('a dataset that is not there: no folder is made, not even those around it', async () => {
    expect(
      await refusal(path.join('deep', 'typo'), { data: undefined, dataset: at('typo.parquet') }),
    ).toMatch(/there is no such file/);
    expect(await readdir(folder)).not.toContain('deep');
  });

  describe('with --overwrite over a finished run, which stays as it was', () => {
    const from = { data: undefined, dataset: SAMPLE, max_examples: 24, overwrite: true };
    let before: Record<string, string>;
    beforeAll(async () => {
      await train('old', { ...from, dataset: path.relative('', SAMPLE), overwrite: false });
      // Absolute, so that the run can be resumed from another working folder.
      expect(await readFile(at('old', 'config.json'), 'utf8')).toContain(JSON.stringify(SAMPLE));
      before = await contents(at('old'));
      expect(Object.keys(before)).toEqual(
        expect.arrayContaining(['best_model/model.safetensors', 'data/prm_train.jsonl', 'events.jsonl']),
      );
    });

    it.each<[string, Partial<TrainOptions>, RegExp]>([
      ['a dataset that is not there', { dataset: 'typo.parquet' }, /there is no such file/],
      [
        'paths that are all too long',
        { max_length: 16 },
        /No path has a labelled step within --max_length 16/,
      ],
    ])('%s', async (_, more, message) => {
      expect(await refusal('old', { ...from, seed: 7, ...more })).toMatch(message);
      expect(await contents(at('old'))).toEqual(before);
    });

    it.each(['formatting', 'reading training data', 'building the model'])(
      'a stop while %s',
      async (phase) => {
        const stop = new AbortController();
        const stopped = trainTiny(options('old', { ...from, seed: 7 }), {
          signal: stop.signal,
          onPhase: ({ name }) => {
            if (name === phase) stop.abort();
          },
        });
        await expect(stopped).rejects.toMatchObject({ name: 'CancelledError' });
        expect(await contents(at('old'))).toEqual(before);
      },
    );

    it('a start that was killed is tidied up; the next one replaces run and data', async () => {
      await cp(at('old'), at('replaced'), { recursive: true });
      await mkdir(at('replaced', '.unfinished-data'));
      await writeFile(at('replaced', '.unfinished-data', 'half'), '');
      const formatted: string[] = [];
      await trainTiny(options('replaced', { ...from, seed: 7 }), {
        onFormatted: ({ files }) => formatted.push(files.train),
      });
      const after = await contents(at('replaced'));
      expect(formatted).toEqual([at('replaced', 'data', 'prm_train.jsonl')]);
      expect(
        Object.keys(after).filter((name) => name.includes('unfinished') || name.endsWith('half')),
      ).toEqual([]);
      for (const name of ['best_model/model.safetensors', 'data/prm_train.jsonl', 'config.json']) {
        expect(after[name]).not.toBe(before[name]);
      }
    });
  });

  it('a model that is not known, a length that it cannot read', async () => {
    expect(await refusal('x', { model_name: 'qwen3-0.6b' })).toBe(
      'PrmError: qwen3-0.6b: there is no such folder. Did you mean Qwen/Qwen3-0.6B? Models of the Hub are named owner/name.',
    );
    expect(await refusal('x', { max_length: 4096 })).toBe(
      'PrmError: --max_length 4096 is more than model mini can read. Give at most 2048.',
    );
  });

  it('a run that has results, a run in use', async () => {
    const stop = new AbortController();
    let second = '';
    await trainTiny(options('used'), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'start') stop.abort();
      },
      onPhase: () => {
        // Synchronous hooks: the second run is refused while the first one goes on.
        pending ??= refusal('used').then((message) => (second = message));
      },
    });
    await pending;
    expect(second).toMatch(/This run folder is in use by process \d+ on /);
    expect(await refusal('used')).toMatch(
      /The output folder holds an earlier run \(checkpoint-0\)\. Add --resume/,
    );
    expect((await train('used', { overwrite: true, max_examples: 5 })).outcome.state).toBe('done');
  });
  let pending: Promise<unknown> | undefined;

  it('a stop before the first step: the same command starts the run again', async () => {
    const stop = new AbortController();
    const stopped = trainTiny(options('early'), {
      signal: stop.signal,
      onPhase: ({ name }) => {
        if (name === 'building the model') stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({
      name: 'CancelledError',
      message: 'Stopped before the first step: nothing is lost. The same command starts the run again.',
    });
    expect(await readdir(folder)).not.toContain('early');
    expect((await train('early', { max_examples: 5 })).outcome.state).toBe('done');
  });

  it('resuming nothing, a finished run, with other options, on other data', async () => {
    expect(await refusal('nothing', { resume: true })).toMatch(/There is no run to resume here/);
    await trainTiny(options('resumed', { max_examples: 8 }));
    const resume = (more: Partial<TrainOptions> = {}): Promise<string> =>
      trainTiny({ output_dir: at('resumed'), resume: true, ...more }).then(
        () => 'accepted',
        (error: unknown) => String(error),
      );
    expect(await resume()).toMatch(/This run is finished \(\d+ steps\); there is nothing to resume/);
    await rm(at('resumed', 'final_model'), { recursive: true });
    expect(await resume({ batch_size: 5 })).toMatch(
      /This run was started with other options: --batch_size 5 \(the run has 4\)\. Leave these options out/,
    );
    const file = at('data', 'prm_train.jsonl');
    const data = await readFile(file, 'utf8');
    await writeFile(file, data.slice(data.indexOf('\n') + 1));
    expect(await resume()).toMatch(
      /data: The training data is not the one that the run began with\. Put the old data back/,
    );
    await writeFile(file, data);
    expect(await resume()).toBe('accepted');
    for (const name of await readdir(at('resumed'))) {
      if (name.startsWith('checkpoint-')) await rm(at('resumed', name), { recursive: true });
    }
    expect(await resume()).toMatch(/There is no whole checkpoint to resume from\. Leave --resume out/);
  });

  it('a loss that is not finite: the run fails, its last good checkpoint stays', async () => {
    const stop = new AbortController();
    await trainTiny(options('nan'), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 4) stop.abort();
      },
    });
    const good = await newestCheckpoint(at('nan'), () => undefined);
    if (good === undefined) throw new Error('There is no checkpoint.');
    // A whole checkpoint whose head has overflown.
    const parameters = new Map(good.parameters);
    parameters.set('score.weight', new Float32Array(2 * 32).fill(NaN));
    await writeCheckpoint(at('nan'), { ...good, parameters });
    await expect(trainTiny({ output_dir: at('nan'), resume: true })).rejects.toThrow(
      /Training diverged at step 5: the loss is NaN.*learning rate.*checkpoint-4 is kept\. Train again with a lower --learning_rate/s,
    );
    const { events } = await readEvents(at('nan', 'events.jsonl'));
    expect(events.at(-1)).toMatchObject({ type: 'end', state: 'failed', step: 4 });
    expect((await readdir(at('nan'))).sort()).toEqual([
      'checkpoint-3',
      'checkpoint-4',
      'config.json',
      'events.jsonl',
    ]);
  });

  it('a device that fails: the run says at which step, and what is kept', async () => {
    const lost = new PrmError({ what: 'The model failed while it ran on cpu (lost)', remedy: 'Try again.' });
    const failing = vi.spyOn(HostStore.prototype, 'update');
    const failure = trainTiny(options('lost', { save_steps: 2 }), {
      onEvent: (event) => {
        if (event.type === 'step' && event.step === 2) failing.mockRejectedValueOnce(lost);
      },
    }).finally(() => {
      failing.mockRestore();
    });
    await expect(failure).rejects.toThrow(
      /Step 3 failed: The model failed while it ran on cpu \(lost\)\. Try again\. checkpoint-2 is kept\. Go on with: prm train .*--resume/,
    );
    const { outcome } = await trainTiny({ output_dir: at('lost'), resume: true });
    expect(outcome.state).toBe('done');
  });
});
