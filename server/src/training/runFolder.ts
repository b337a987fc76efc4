// The run folder: config.json written once, events.jsonl appended, a lock against a second run on it.
import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { messageOf, PrmError, systemErrorCode } from '../support/errors.ts';
import { checkpointSteps, removeUnfinished } from './checkpoints.ts';
import { EventLog } from './events.ts';
import { UNFINISHED, writeFailure, writeJson } from './files.ts';
import { LOCK_FILE, lockFile } from './lock.ts';
import { storedOptionsSchema } from './options.ts';
import { makeFolder } from '../support/makeFolder.ts';

const CONFIG_FILE = 'config.json';
const EVENTS_FILE = 'events.jsonl';
export const DATA_FOLDER = 'data';
/** Where a run that has not begun formats its data. */
const NEW_DATA = `${UNFINISHED}data`;
export const BEST_MODEL = 'best_model';
export const FINAL_MODEL = 'final_model';

const configSchema = z.object({
  /** Tells a run folder from any other folder with a config.json. */
  kind: z.literal('prm-training-run'),
  schema: z.literal(1),
  /** As completed with defaults; paths are absolute, and a dataset that is no local file is a name on the Hub. */
  options: storedOptionsSchema,
  model: z.object({
    family: z.string(),
    config: z.record(z.string(), z.unknown()),
    /** The language model that was fine-tuned: its name, where it lay, the commit of one of the Hub. */
    base: z
      .object({ name: z.string(), folder: z.string(), revision: z.string().exactOptional() })
      .exactOptional(),
  }),
  versions: z.object({ prm: z.string(), node: z.string(), onnxruntime: z.string() }),
  created: z.iso.datetime(),
});

/** What `config.json` holds. */
export type RunConfig = z.infer<typeof configSchema>;

/** A run folder that this process holds the lock of. */
export interface RunFolder {
  /** Absolute. */
  readonly path: string;
  readonly config: RunConfig;
  /** Whether the folder holds this run: `begin` was called, or the folder was opened again. */
  readonly hasBegun: boolean;
  /** Where formatted data lies: in a place of its own until the run begins, then in `data`. */
  readonly dataFolder: string;
  /** Puts this run in the place of the earlier one, which is removed here and not before. */
  begin(): Promise<void>;
  /** Only once the run has begun. */
  append(event: RunEvent): Promise<void>;
  /** Closes the log and gives the lock back. A run that has not begun leaves nothing behind. */
  close(): Promise<void>;
}

/**
 * Takes hold of a folder for a new run, which `begin` then writes. A folder in which a run stopped before it had
 * anything to keep may be used again; what an earlier run wrote is removed only with `overwrite`, by `begin`, and
 * files of other origin are never touched.
 *
 * @param mayHold names of entries that may be there already (the folder of the training data)
 * @throws PrmError where the folder is in use or holds what must not be lost
 */
export async function createRunFolder(
  folder: string,
  config: RunConfig,
  { overwrite, mayHold }: { overwrite: boolean; mayHold: readonly string[] },
): Promise<RunFolder> {
  if (!overwrite) await checkIsOurs(folder, mayHold);
  let firstMade: string | undefined;
  try {
    firstMade = await makeFolder(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST' || systemErrorCode(error) === 'ENOTDIR') throw notAFolder(folder);
    throw writeFailure(folder, error);
  }
  const release = await lockFile(path.join(folder, LOCK_FILE));
  try {
    if (!overwrite) await checkHasNoResults(folder);
    // A killed start may have left some.
    await rm(path.join(folder, NEW_DATA), { recursive: true, force: true });
  } catch (error) {
    await release();
    throw error;
  }
  let log: EventLog | undefined;
  return {
    path: folder,
    config,
    get hasBegun() {
      return log !== undefined;
    },
    get dataFolder() {
      return path.join(folder, log === undefined ? NEW_DATA : DATA_FOLDER);
    },
    begin: async () => {
      await placeNewData(folder);
      await removeRun(folder, mayHold);
      await removeUnfinished(folder);
      await writeJson(path.join(folder, CONFIG_FILE), config);
      log = await EventLog.open(path.join(folder, EVENTS_FILE));
    },
    append: async (event) => {
      if (log === undefined) throw new Error('The run has not begun.');
      await log.append(event);
    },
    close: async () => {
      await log?.close();
      await rm(path.join(folder, NEW_DATA), { recursive: true, force: true });
      await release();
      if (log === undefined && firstMade !== undefined) await removeEmpty(folder, firstMade);
    },
  };
}

/**
 * Opens the folder of an earlier run to go on with it.
 * @throws PrmError where it is no run folder, or in use
 */
export async function openRunFolder(folder: string): Promise<RunFolder> {
  const config = await readRunConfig(folder);
  const release = await lockFile(path.join(folder, LOCK_FILE));
  try {
    await removeUnfinished(folder);
    const log = await EventLog.open(path.join(folder, EVENTS_FILE));
    return {
      path: folder,
      config,
      hasBegun: true,
      dataFolder: path.join(folder, DATA_FOLDER),
      begin: () => Promise.resolve(),
      append: (event) => log.append(event),
      close: async () => {
        await log.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function readRunConfig(folder: string): Promise<RunConfig> {
  const file = path.join(folder, CONFIG_FILE);
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    throw new PrmError({
      where: folder,
      what: `There is no run to resume here (${CONFIG_FILE}: ${systemErrorCode(error) ?? messageOf(error)})`,
      remedy: 'Give the run folder that prm train made as --output_dir, or leave --resume out.',
      cause: error,
    });
  }
  try {
    return configSchema.parse(JSON.parse(content));
  } catch (error) {
    throw new PrmError({
      where: file,
      what: 'This is not the configuration of a training run, or it is damaged',
      remedy: 'Train into another --output_dir.',
      cause: error,
    });
  }
}

async function checkIsOurs(folder: string, mayHold: readonly string[]): Promise<void> {
  const names = (await entriesOf(folder)).filter(
    (name) => !name.startsWith(LOCK_FILE) && !name.startsWith(UNFINISHED) && !mayHold.includes(name),
  );
  if (names.length === 0) return;
  const ours = await readRunConfig(folder).then(
    () => true,
    () => false,
  );
  if (ours) return;
  throw new PrmError({
    where: folder,
    what: `The output folder is not empty and is not a training run (it holds ${some(names)})`,
    remedy: 'Choose another --output_dir, or add --overwrite to write the run beside these files.',
  });
}

async function checkHasNoResults(folder: string): Promise<void> {
  const results: string[] = (await entriesOf(folder)).filter(
    (name) => name === BEST_MODEL || name === FINAL_MODEL,
  );
  results.push(...(await checkpointSteps(folder)).map((step) => `checkpoint-${step}`));
  if (results.length === 0) return;
  throw new PrmError({
    where: folder,
    what: `The output folder holds an earlier run (${some(results)})`,
    remedy: 'Add --resume to go on with it, --overwrite to replace it, or choose another --output_dir.',
  });
}

/** Moves newly formatted data, if there is any, into `data`; other files there stay. */
async function placeNewData(folder: string): Promise<void> {
  const [from, to] = [path.join(folder, NEW_DATA), path.join(folder, DATA_FOLDER)];
  const names = await entriesOf(from);
  if (names.length === 0) return;
  try {
    await makeFolder(to);
    for (const name of names) await rename(path.join(from, name), path.join(to, name));
  } catch (error) {
    throw writeFailure(to, error);
  }
}

/** Removes `folder` and those around it up to `outermost`, as far as they are empty. */
async function removeEmpty(folder: string, outermost: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) return; // Somebody else's now.
    throw error;
  }
  if (folder !== outermost) await removeEmpty(path.dirname(folder), outermost);
}

/** Checkpoints and evaluation reports. */
const NUMBERED = /^(checkpoint-\d+|evaluation-\d+\.json)$/;

/** Removes what a run writes, but for its data: that is replaced by new data, and it may be what is trained on. */
async function removeRun(folder: string, keep: readonly string[]): Promise<void> {
  const written = new Set<string>([CONFIG_FILE, EVENTS_FILE, BEST_MODEL, FINAL_MODEL]);
  for (const name of await entriesOf(folder)) {
    if (keep.includes(name)) continue;
    if (written.has(name) || name.startsWith(UNFINISHED) || NUMBERED.test(name)) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    if (systemErrorCode(error) === 'ENOTDIR') throw notAFolder(folder);
    throw writeFailure(folder, error);
  }
}

/** Whether the folder has an entry of that name. */
export async function hasEntry(folder: string, name: string): Promise<boolean> {
  return (await entriesOf(folder)).includes(name);
}

function notAFolder(folder: string): PrmError {
  return new PrmError({
    where: folder,
    what: 'The output folder is a file',
    remedy: 'Choose another --output_dir.',
  });
}

function some(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
