// Makes test/fixtures/runs: real `prm train` runs on the sample, stopped, killed, resumed, diverged and in stages, without
// what is large in them (weights and optimiser state). Some minutes.
// Usage: tsx scripts/make-run-fixtures.ts [NAME…]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from './build.ts';
import { CLI, ROOT } from './lib/paths.ts';
import { runOrThrow } from './lib/processes.ts';

const OUTPUT = path.join(ROOT, 'test/fixtures/runs');
const SAMPLE = path.join(ROOT, 'samples/gsm8k-stepwise-sample.parquet');
/** A language model of some thousand parameters. */
const BACKBONE = path.join(ROOT, 'test/fixtures/backbone');
/** Stands in the fixtures for the folder that they were made in. */
const ANYWHERE = '/home/me/prm';

/** How a run ends before its time: when its events hold this step, with a signal. */
interface Break {
  step: number;
  signal: 'SIGINT' | 'SIGKILL';
}

const work = await mkdtemp(path.join(tmpdir(), 'run-fixtures-'));
const inWork = (...parts: string[]): string => path.join(work, ...parts);

async function prm(options: readonly string[], end?: Break): Promise<void> {
  // A process group of its own: the command may have started another one that does the work.
  const child = spawn(process.execPath, [CLI, ...options], { stdio: 'inherit', detached: true });
  const ended = once(child, 'exit');
  const { pid } = child;
  if (end !== undefined && pid !== undefined) {
    const folder = options[options.indexOf('--output_dir') + 1] ?? '';
    while (child.exitCode === null && !(await hasReached(folder, end.step))) await wait(20);
    if (child.exitCode === null) process.kill(-pid, end.signal);
  }
  await ended;
}

async function hasReached(folder: string, step: number): Promise<boolean> {
  const events = await readFile(path.join(folder, 'events.jsonl'), 'utf8').catch(() => '');
  return events.includes(`"step":${step},`);
}

function train(name: string, options: readonly string[], end?: Break): Promise<void> {
  return prm(['train', '--output_dir', inWork('.prm/runs', name), '--device', 'cpu', ...options], end);
}

/** What the dashboard reads, and no weights. */
async function keep(name: string): Promise<void> {
  const from = inWork('.prm/runs', name);
  const to = path.join(OUTPUT, name);
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const small = entry.isDirectory() ? ['prm.json', 'trainer_state.json'] : [''];
    if (
      !/^(config\.json|events\.jsonl|evaluation-\d+\.json|checkpoint-\d+|(best|final)_model)$/.test(
        entry.name,
      )
    ) {
      continue;
    }
    for (const inner of small) {
      const text = await readFile(path.join(from, entry.name, inner), 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const target = path.join(to, entry.name, inner);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text.replaceAll(work, ANYWHERE).replaceAll(ROOT, ANYWHERE));
    }
  }
}

const data = inWork('data');
const mini = ['--data', data, '--batch_size', '4', '--num_epochs', '2', '--eval_steps', '10'];
const tiny = [...['--data', data, '--model_name', BACKBONE, '--batch_size', '4', '--eval_steps', '15']];
const FOUR = ['--num_epochs', '4', '--learning_rate', '2e-3'];

const RUNS: Record<string, () => Promise<void>> = {
  done: () => train('done', mini),
  stopped: () =>
    train('stopped', [...mini, '--seed', '7', '--learning_rate', '2e-4'], { step: 25, signal: 'SIGINT' }),
  resumed: async () => {
    const options = [...tiny, ...FOUR, '--method', 'full', '--lr_schedule', 'linear'];
    await train('resumed', options, { step: 50, signal: 'SIGKILL' });
    await train('resumed', ['--resume']);
  },
  killed: () =>
    train('killed', [...tiny, ...FOUR, '--method', 'lora', '--lora_rank', '4'], {
      step: 55,
      signal: 'SIGKILL',
    }),
  failed: () =>
    train('failed', [
      ...[...tiny, '--num_epochs', '4', '--method', 'full'],
      ...['--learning_rate', '1', '--weight_decay', '10'],
    ]),
  staged: () =>
    train('staged', [
      ...[...tiny, '--stages', 'head,lora', '--num_epochs', '2,3', '--learning_rate', '5e-3,2e-3'],
      ...['--gradient_accumulation_steps', '2'],
    ]),
};

const asked = process.argv.slice(2);
const names = asked.length === 0 ? Object.keys(RUNS) : asked;
await build();
try {
  await runOrThrow(process.execPath, [
    ...[CLI, 'format', '--dataset', SAMPLE, '--output_dir', data, '--max_examples', '160'],
  ]);
  for (const name of names) {
    await RUNS[name]?.();
    await rm(path.join(OUTPUT, name), { recursive: true, force: true });
    await keep(name);
  }
  await cp(path.join(ROOT, 'samples/LICENSE'), path.join(OUTPUT, 'LICENSE'));
  await writeFile(
    path.join(OUTPUT, 'README.md'),
    `Run folders of real \`prm train\` runs on the sample dataset, made by \`scripts/make-run-fixtures.ts\`: what the dashboard
reads of them, without weights. The reasoning in the evaluation reports derives from
[GSM8K](https://github.com/openai/grade-school-math) by OpenAI, MIT licence (\`LICENSE\`).

- \`done\`: mini, to the end. \`stopped\`: mini, by a person, with a checkpoint. The others train a tiny random language model.
- \`resumed\`: killed and gone on with, to the end. \`killed\`: LoRA, SIGKILL, so without a last word. \`staged\`: head first,
  then LoRA. \`failed\`: its learning rate and weight decay are so high that the loss is not finite any more.
`,
  );
} finally {
  await rm(work, { recursive: true });
}
