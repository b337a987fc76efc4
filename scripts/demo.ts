// `npm run demo`: the main job on the bundled sample, by the command line that users type: format a Parquet
// dataset, train a small PRM, evaluate it on problems that were held out, score a text with a wrong step.
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pc from 'picocolors';
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

heading(
  2,
  `Train a process reward model on them, from nothing, on ${os.availableParallelism()} cores. The table at the end ` +
    'evaluates it on problems that were held out, beside always answering the more frequent class.',
);
await prm('train', ['--data', DEMO_DATA, '--output_dir', DEMO_RUN, '--num_epochs', '1']);

heading(3, `Score a solution with a wrong step (${path.relative(ROOT, SAMPLE_TEXT)}).`);
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
