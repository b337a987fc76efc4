// Fine-tuning by its options: stages, starts from earlier runs, early stopping, memory, reports; and what is refused.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport, RunEvent } from '../../../protocol/src/runs.ts';
import { HEAD } from '../../../server/src/models/backbones/method.ts';
import { loadTrained, readModelFolder } from '../../../server/src/models/modelFolder.ts';
import { newestCheckpoint } from '../../../server/src/training/checkpoints.ts';
import { dryRun } from '../../../server/src/training/dryRun.ts';
import { readEvents } from '../../../server/src/training/events.ts';
import type { TrainOptions } from '../../../server/src/training/options.ts';
import { train } from '../../../server/src/training/train.ts';
import { BACKBONE, TINY_LANGUAGE, writeSums } from '../../support/tinyLanguage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-methods-'));
  await writeSums(at('data'));
  await writeSums(at('other'), 24);
  await run('head', { method: 'head', num_epochs: 1 });
  await run('lora', { method: 'lora', lora_rank: 4, num_epochs: 1 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function at(...names: string[]): string {
  return path.join(folder, ...names);
}

async function run(name: string, more: Partial<TrainOptions> = {}) {
  const events: RunEvent[] = [];
  const notices: string[] = [];
  const outcome = await train(
    { ...TINY_LANGUAGE, data: at('data'), output_dir: at(name), ...more },
    { onEvent: (event) => events.push(event), onNotice: (message) => notices.push(message) },
  );
  const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
  return { outcome, events, notices, losses };
}

const refusal = (more: Partial<TrainOptions>): Promise<string> =>
  run('refused', more).then(
    () => 'accepted',
    (error: unknown) => String(error),
  );

/** Without --model_name: the model that --init_from is of. */
const from = (initial: string): Partial<TrainOptions> => ({
  init_from: at(initial, 'best_model'),
  model_name: undefined,
});

describe('stages', () => {
  it('share one axis of steps, and say where they are', async () => {
    const { events, outcome } = await run('staged', {
      stages: ['head', 'lora'],
      num_epochs: [1, 2],
      learning_rate: [0.01, 0.002],
      lr_schedule: 'constant',
      warmup_ratio: 0,
    });
    expect(events[0]).toMatchObject({
      type: 'start',
      totalSteps: 24,
      stages: [
        { name: 'head', steps: 8 },
        { name: 'lora', steps: 16 },
      ],
    });
    const steps = events.filter((event) => event.type === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
    expect(steps.map(({ stage }) => stage)).toEqual([
      ...Array<string>(8).fill('head'),
      ...Array<string>(16).fill('lora'),
    ]);
    expect(new Set(steps.slice(0, 8).map(({ learningRate }) => learningRate))).toEqual(new Set([0.01]));
    expect(new Set(steps.slice(8).map(({ learningRate }) => learningRate))).toEqual(new Set([0.002]));
    expect(steps.map(({ epoch }) => epoch)).toEqual(
      [0, 1, 2].flatMap((epoch) => Array<number>(8).fill(epoch)),
    );
    expect(steps.at(-1)?.examples).toBe(3 * outcome.train.paths);
    const final = await readModelFolder(at('staged', 'final_model'));
    expect(final).toMatchObject({
      kind: 'adapter',
      base: { folder: BACKBONE },
      description: { family: 'trl' },
    });
    expect(final.description.training).toMatchObject({ method: 'head,lora', num_epochs: '1,2' });
  });

  it('the second goes on from what the first learned: one run is as two with --init_from', async () => {
    const schedule = { lr_schedule: 'constant', warmup_ratio: 0, save_steps: 100, eval_steps: 100 } as const;
    const one = await run('one', { ...schedule, stages: ['head', 'lora'], num_epochs: 1, lora_dropout: 0 });
    await run('first', { ...schedule, method: 'head', num_epochs: 1 });
    const two = await run('second', {
      ...schedule,
      ...from('first'),
      method: 'lora',
      num_epochs: 1,
      lora_dropout: 0,
    });
    // The order of the data differs, since it is the second epoch of the one and the first of the other.
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(one.losses.slice(8))).toBeCloseTo(mean(two.losses), 1);
    const head = (await loadTrained(at('first', 'final_model'))).get(HEAD);
    expect(head?.some((value) => value !== 0)).toBe(true);
  });
});

describe('--init_from', () => {
  it('goes on with adapters, their shape and their base, on other data', async () => {
    const { events } = await run('further', { ...from('lora'), data: at('other'), num_epochs: 1 });
    expect(events[0]).toMatchObject({ type: 'start', totalSteps: 6 });
    const model = await readModelFolder(at('further', 'best_model'));
    expect(model).toMatchObject({ kind: 'adapter', base: { folder: BACKBONE }, settings: { rank: 4 } });
    const config = JSON.parse(await readFile(at('further', 'config.json'), 'utf8')) as { options: unknown };
    expect(config.options).toMatchObject({
      model_name: BACKBONE,
      method: 'lora',
      lora_rank: 4,
      init_from: at('lora', 'best_model'),
    });
  });

  it('begins exactly where the other run ended', async () => {
    const first = await run('begin', { ...from('lora'), learning_rate: 1e-12, num_epochs: 1, eval_steps: 1 });
    const before = (await readModelFolder(at('lora', 'best_model'))).description.metrics;
    const evaluation = first.events.find((event) => event.type === 'evaluation');
    expect(evaluation?.metrics.loss).toBeCloseTo(before?.loss ?? NaN, 5);
  });

  it('takes a language model that was trained whole as the model', async () => {
    await run('full', { method: 'full', num_epochs: 1 });
    await run('onto', { ...from('full'), method: 'lora', lora_rank: 2, num_epochs: 1 });
    expect(await readModelFolder(at('onto', 'best_model'))).toMatchObject({
      kind: 'adapter',
      base: { folder: at('full', 'best_model') },
    });
  });

  it.each<[string, () => Partial<TrainOptions>, RegExp]>([
    [
      'another shape of adapter',
      () => ({ ...from('lora'), lora_rank: 8 }),
      /--lora_rank 8: the adapters of --init_from have 4\. Leave --lora_rank out/,
    ],
    [
      'a method that would lose the adapters',
      () => ({ ...from('lora'), method: 'head' }),
      /has adapters, which the method head would lose/,
    ],
    [
      'another model',
      () => ({ ...from('head'), model_name: 'mini' }),
      /--init_from is a model of .*backbone, and --model_name says mini/,
    ],
    ['no model', () => ({ init_from: at('data') }), /The folder holds no model/],
  ])('refuses %s', async (_, more, message) => {
    expect(await refusal(more())).toMatch(message);
    expect(await readdir(folder)).not.toContain('refused');
  });
});

describe('early stopping', () => {
  it('ends the run, finished, after evaluations that are no better', async () => {
    const { outcome, events } = await run('early', {
      method: 'head',
      num_epochs: 20,
      eval_steps: 1,
      // Far too small to make anything better.
      learning_rate: 1e-12,
      early_stopping_patience: 3,
    });
    expect(outcome.state).toBe('done');
    expect(outcome.step).toBeLessThan(outcome.totalSteps);
    expect(outcome.step - (outcome.best?.step ?? 0)).toBe(3);
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      state: 'done',
      step: outcome.step,
      message: `Ended early, at step ${outcome.step} of ${outcome.totalSteps}: the evaluations got no better.`,
    });
    expect(await readdir(at('early'))).toContain('final_model');
    await expect(train({ output_dir: at('early'), resume: true })).rejects.toThrow(/This run is finished/);
  });
});

describe('memory', () => {
  it('computes fewer tokens at once where less memory may be used, and learns the same', async () => {
    const roomy = await run('roomy', { method: 'head', batch_size: 16, num_epochs: 1 });
    const options = { ...TINY_LANGUAGE, method: 'head' as const, batch_size: 16, num_epochs: 1 };
    const { memory } = await dryRun({ ...options, data: at('data'), output_dir: at('narrow') }, {});
    const { losses, notices } = await run('narrow', {
      ...options,
      max_memory: `${((memory?.total ?? 0) - 1e5) / 1e6}MB`,
    });
    expect(notices.join('\n')).toMatch(
      /To fit into memory, at most \d+ tokens are computed at once \(about 0\.\d GB\)\./,
    );
    expect(losses).toHaveLength(roomy.losses.length);
    losses.forEach((loss, step) => {
      expect(loss).toBeCloseTo(roomy.losses[step] ?? NaN, 5);
    });
  });

  it('refuses what cannot fit, with advice', async () => {
    expect(await refusal({ max_memory: '10MB' })).toMatch(
      /One path of \d+ tokens needs .* to be trained, and .* may be used\. Use /,
    );
  });
});

describe('an evaluation', () => {
  it('leaves a report: the worst steps with their text, all steps in its bins', async () => {
    const { outcome, events } = await run('reported', { method: 'head', num_epochs: 4, eval_steps: 3 });
    const last = events.findLast((event) => event.type === 'evaluation');
    const report = JSON.parse(await readFile(at('reported', last?.report ?? ''), 'utf8')) as EvaluationReport;
    const steps = outcome.finalMetrics?.steps ?? 0;
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    expect(report.step).toBe(outcome.step);
    expect(sum(report.calibration.map((bin) => bin.steps))).toBe(steps);
    expect(sum([...report.histogram.correct, ...report.histogram.incorrect])).toBe(steps);
    expect(report.positions.map(({ position }) => position)).toEqual([1, 2]);
    expect(report.worst[0]?.problem).toMatch(/^Add 4 to \d+\.$/);
    expect(report.worst.map(({ loss }) => loss)).toEqual(
      report.worst.map(({ loss }) => loss).toSorted((a, b) => b - a),
    );
    // The newest five of eleven and the best one.
    const kept = (await readdir(at('reported'))).filter((name) => name.startsWith('evaluation-'));
    expect(kept.length).toBeLessThanOrEqual(6);
    expect(kept).toContain(`evaluation-${outcome.best?.step}.json`);
  });
});

describe('soft labels', () => {
  it('are learned where examples have them', async () => {
    const soft = await run('soft', { method: 'head', soft_labels: true, num_epochs: 1 });
    const hard = await run('hard', { method: 'head', num_epochs: 1 });
    expect(soft.outcome.train.soft).toBeGreaterThan(10);
    expect(hard.outcome.train.soft).toBe(0);
    expect(soft.losses).not.toEqual(hard.losses);
  });
});

describe('a dry run', () => {
  it('counts, plans and times, and writes nothing', async () => {
    const before = await readdir(folder);
    const planned = await dryRun(
      {
        ...TINY_LANGUAGE,
        data: at('data'),
        output_dir: at('planned'),
        stages: ['head', 'lora'],
        num_epochs: 1,
        lora_rank: 4,
      },
      {},
    );
    const trained = [...(await loadTrained(at('lora', 'best_model'))).values()].reduce(
      (sum, { length }) => sum + length,
      0,
    );
    expect(planned).toMatchObject({
      model: {
        name: BACKBONE,
        parameters: 31_968,
        trained: [
          { stage: 'head', parameters: 64 },
          { stage: 'lora', parameters: trained },
        ],
      },
      data: { train: { paths: 32 }, validation: { paths: 8 } },
      batch: { stepPaths: 4, recompute: false },
      time: { steps: 16 },
    });
    expect(planned.memory?.total).toBeGreaterThan(0);
    expect(planned.table.rows.map(({ model }) => model)).toContain('Qwen3-8B');
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('refusals', () => {
  it('a new run in the place of the model that it starts from', async () => {
    await run('whole', { method: 'full', num_epochs: 1 });
    const kept = await readdir(at('whole'));
    const anew = { method: undefined, num_epochs: 1, output_dir: at('whole'), overwrite: true };
    await expect(run('whole', { ...anew, ...from('whole') })).rejects.toThrow(
      /--overwrite would remove the model that the run starts from .* Choose another --output_dir\./,
    );
    expect(await readdir(at('whole'))).toEqual(kept);
  });

  it('a tokenizer that does not fit', async () => {
    await cp(BACKBONE, at('misfit'), { recursive: true });
    const file = at('misfit', 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await rm(file);
    await writeFile(file, JSON.stringify({ ...config, vocab_size: 300 }));
    expect(await refusal({ model_name: at('misfit') })).toMatch(
      /The tokenizer has 512 entries, but the model's embedding only 300/,
    );
  });

  it('a learning rate that diverges ends the run at once, with what is kept', async () => {
    const message = await run('diverged', {
      method: 'full',
      learning_rate: 1,
      warmup_ratio: 0,
      weight_decay: 10,
      max_grad_norm: 1e6,
      num_epochs: 40,
      save_steps: 1,
      eval_steps: 1000,
    }).then(
      () => 'done',
      (error: unknown) => String(error),
    );
    expect(message).toMatch(
      /diverged: Training diverged at step \d+: the loss is .* \(learning rate 0\.\d+\)\. checkpoint-\d+ is kept\. Train again with a lower --learning_rate\./,
    );
    const { events } = await readEvents(at('diverged', 'events.jsonl'));
    expect(events.at(-1)).toMatchObject({ type: 'end', state: 'failed' });
    const last = await newestCheckpoint(at('diverged'), () => undefined);
    expect(last?.state.step).toBe(events.findLast((event) => event.type === 'step')?.step);
    for (const values of last?.parameters.values() ?? []) expect(values.every(Number.isFinite)).toBe(true);
  });
});
