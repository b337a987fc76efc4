// What `npm run demo` makes, and what `npm run vscode` and the screenshot then open.
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from './paths.ts';

/** Ours alone: the demo empties it before it starts. */
export const DEMO = path.join(ROOT, '.prm/demo');
export const DEMO_DATA = path.join(DEMO, 'data');
export const DEMO_RUN = path.join(DEMO, 'gsm8k-mini');
export const DEMO_MODEL = path.join(DEMO_RUN, 'best_model');
export const SAMPLE_DATASET = path.join(ROOT, 'samples/gsm8k-stepwise-sample.parquet');
export const SAMPLE_TEXT = path.join(ROOT, 'samples/reasoning.txt');

/** The demo's model, where the demo has made one. */
export function demoModel(): string | undefined {
  return existsSync(path.join(DEMO_MODEL, 'config.json')) ? DEMO_MODEL : undefined;
}

/**
 * Makes a folder to open in VS Code: the samples, and where the demo has run, its run (without the checkpoints) and
 * a setting that selects its model. Replaces what lies there.
 */
export async function prepareWorkspace(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, '.vscode'), { recursive: true });
  await cp(path.join(ROOT, 'samples'), folder, { recursive: true });
  const run = path.join('.prm/runs', path.basename(DEMO_RUN));
  const hasRun = demoModel() !== undefined;
  if (hasRun) {
    await cp(DEMO_RUN, path.join(folder, run), {
      recursive: true,
      filter: (source) => !path.basename(source).startsWith('checkpoint-'),
    });
  }
  const settings = hasRun ? { 'prm.model.path': path.join(run, path.basename(DEMO_MODEL)) } : {};
  await writeFile(path.join(folder, '.vscode/settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
}
