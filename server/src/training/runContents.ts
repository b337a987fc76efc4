// What lies in a run folder beside its events: settings, checkpoints, models. Reads only, and reads runs of other
// versions as far as it can.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { RunSummary, SettingValue } from '../../../protocol/src/dashboard.ts';
import { systemErrorCode } from '../support/errors.ts';
import { checkpointSteps } from './checkpoints.ts';
import { optionDeclarations } from './options.ts';
import { BEST_MODEL, FINAL_MODEL } from './runFolder.ts';
import type { RunContents } from './runSummary.ts';

const configSchema = z.object({
  kind: z.literal('prm-training-run'),
  options: z.record(z.string(), z.unknown()),
});

/** Of a folder that is gone: nothing. */
export async function readRunContents(folder: string): Promise<RunContents> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    return { settings: {}, checkpoints: [], models: [] };
  }
  const models: RunSummary['models'] = [];
  for (const name of [BEST_MODEL, FINAL_MODEL] as const) if (names.includes(name)) models.push(name);
  return {
    settings: inHelpOrder((await readOptions(folder)) ?? {}),
    checkpoints: await checkpointSteps(folder),
    models,
  };
}

/** Whether a training run was begun in this folder: other programs write an events.jsonl too. */
export async function isRunFolder(folder: string): Promise<boolean> {
  return (await readOptions(folder)) !== undefined;
}

/** The options of `config.json`; undefined where there is none, or none of a run. */
async function readOptions(folder: string): Promise<Record<string, unknown> | undefined> {
  try {
    const config: unknown = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'));
    return configSchema.safeParse(config).data?.options;
  } catch {
    return undefined; // Damaged, or not there: the run is shown without its settings.
  }
}

/** In the order of `prm train --help`; those that this version does not know come last. */
function inHelpOrder(options: Record<string, unknown>): Record<string, SettingValue> {
  const known = optionDeclarations()
    .map(({ name }): string => name)
    .filter((name) => name in options);
  const others = Object.keys(options).filter((name) => !known.includes(name));
  return Object.fromEntries([...known, ...others].map((name) => [name, settingValue(options[name])]));
}

function settingValue(value: unknown): SettingValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.map(String).join(',') : JSON.stringify(value);
}
