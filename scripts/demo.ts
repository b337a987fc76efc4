// `npm run demo`: the main job on the bundled sample, by the command line that users type: format a Parquet
// dataset, train a small PRM, look at it on problems that it has not seen, score a text with a wrong step.
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pc from 'picocolors';
import type { EvaluationEvent, RunEvent } from '../protocol/src/runs.ts';
import { build } from './build.ts';
import { DEMO, DEMO_DATA, DEMO_MODEL, DEMO_RUN, SAMPLE_DATASET, SAMPLE_TEXT } from './lib/demoPaths.ts';
import { CLI, ROOT } from './lib/paths.ts';
import { run } from './lib/processes.ts';

/** Rows of the sample that the demo uses: as many as train in one to two minutes on two cores. */
const ROWS = 1500;

console.log(pc.bold('PRM Workbench: from a dataset to scored reasoning steps.'));
await build();
await rm(DEMO, { recursive: true, force: true });

heading(1, 'Format a dataset: each solution of the Parquet file becomes labelled step examples.');
await prm('format', [
  ...['--dataset', SAMPLE_DATASET, '--max_examples', String(ROWS)],
  ...['--output_dir', DEMO_DATA],
]);

heading(2, `Train a process reward model on them, from nothing, on ${os.availableParallelism()} cores.`);
await prm('train', ['--data', DEMO_DATA, '--output_dir', DEMO_RUN, '--num_epochs', '1']);

heading(3, 'Evaluate: the steps of problems that were held out of the training.');
printEvaluation(await bestEvaluation());

heading(4, `Score a solution with a wrong step (${path.relative(ROOT, SAMPLE_TEXT)}).`);
await prm('score', ['--model', DEMO_MODEL, SAMPLE_TEXT]);

const seconds = Math.round(performance.now() / 1000);
console.log(`\n${pc.bold('Done')} in ${Math.floor(seconds / 60)} min ${seconds % 60} s.`);
console.log(`See the same in VS Code:   ${pc.cyan('npm run vscode')}`);
console.log(`Score a text of your own:  ${pc.cyan(`${commandLine('score', ['--model', DEMO_MODEL])} FILE`)}`);

function heading(number: number, text: string): void {
  console.log(`\n${pc.bold(`${number}. ${text}`)}`);
}

/** Runs `prm` as a user would, in this terminal; the demo ends where it fails or is stopped. */
async function prm(command: string, args: readonly string[]): Promise<void> {
  console.log(pc.dim(`$ ${commandLine(command, args)}`));
  // Ctrl-C goes to the child as well, which stops cleanly and tells how; the demo then ends with its status.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  const { code } = await run(process.execPath, [CLI, command, ...args.map(shorten)], { cwd: ROOT });
  process.off('SIGINT', ignore);
  if (code === 0) return;
  console.error(`\nThe demo stopped: \`prm ${command}\` ended with status ${code}.`);
  process.exit(code);
}

function commandLine(command: string, args: readonly string[]): string {
  return ['node', shorten(CLI), command, ...args.map(shorten)].join(' ');
}

/** Paths inside the repository are shown, and given, relative to it. */
function shorten(argument: string): string {
  return path.isAbsolute(argument) ? path.relative(ROOT, argument) : argument;
}

/** The evaluation of the checkpoint that `best_model` holds, from the run's own record. */
async function bestEvaluation(): Promise<EvaluationEvent> {
  const file = path.join(DEMO_RUN, 'events.jsonl');
  const events = (existsSync(file) ? await readFile(file, 'utf8') : '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
  const best = events.findLast((event) => event.type === 'evaluation' && event.best);
  if (best?.type !== 'evaluation') throw new Error(`${shorten(file)} holds no evaluation.`);
  return best;
}

function printEvaluation({ metrics }: EvaluationEvent): void {
  const { steps, incorrect } = metrics;
  console.log(`${steps} steps: ${steps - incorrect} correct, ${incorrect} incorrect.`);
  console.log(pc.dim('The best checkpoint was chosen on these same problems.\n'));
  const rows: [name: string, model: number | null, baseline: number][] = [
    ['accuracy', metrics.accuracy, metrics.majorityAccuracy],
    ['balanced accuracy', metrics.balancedAccuracy, 0.5],
    // Always `correct` finds no incorrect step; always `incorrect` finds all, with the share of them as precision.
    [
      'F1 of incorrect steps',
      metrics.f1Incorrect,
      incorrect > steps / 2 ? (2 * incorrect) / (steps + incorrect) : 0,
    ],
    ['AUROC', metrics.auroc, 0.5],
  ];
  console.log(pc.dim(`${' '.repeat(24)}this model   always the majority class`));
  for (const [name, model, baseline] of rows) {
    console.log(`${name.padEnd(24)}${pc.green(percent(model).padEnd(13))}${percent(baseline)}`);
  }
}

function percent(rate: number | null): string {
  return rate === null ? 'n/a' : `${(100 * rate).toFixed(1)} %`;
}
