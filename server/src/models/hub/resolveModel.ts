// What `--model_name` means: a local folder wherever one is there, a GGUF file, a model of the Hub otherwise.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PrmError, systemErrorCode } from '../../support/errors.ts';
import type { GgufHooks } from '../gguf/ggufFolder.ts';
import type { ModelHooks } from './hubModel.ts';
import { readModelName, replacementOf, shownModelName, similarModel } from './modelName.ts';

export interface ResolvedModel {
  /** With config.json, tokenizer.json and weights as safetensors. */
  folder: string;
  /** What was taken: the path as given, or `owner/name`. */
  name: string;
  /** The commit of a model of the Hub. */
  revision?: string;
  /** Sentences for the person: what was taken instead, or why. */
  notes: string[];
}

const GGUF = /\.gguf$/i;

/** As for a model of the Hub, and for a GGUF file. */
type ResolveHooks = ModelHooks & GgufHooks;

/**
 * @param name a folder, a GGUF file, or `owner/name[@revision]`
 * @throws PrmError where it is none of these, or cannot be had; CancelledError
 */
export async function resolveModel(name: string, hooks: ResolveHooks): Promise<ResolvedModel> {
  const local = await statsOf(name);
  if (local?.isDirectory()) return { folder: path.resolve(name), name, notes: [] };
  if (local !== undefined && GGUF.test(name)) {
    const { ggufFolder } = await import('../gguf/ggufFolder.ts');
    const folder = await ggufFolder(name, hooks);
    return {
      folder,
      name,
      notes: [`The weights of ${path.basename(name)} are used as float16, converted into ${folder}.`],
    };
  }
  if (local !== undefined) {
    throw new PrmError({
      where: name,
      what: 'this is a file, and a model is a folder',
      remedy:
        'Give the folder that holds config.json, tokenizer.json and the safetensors files, or a .gguf file.',
    });
  }
  const asked = readModelName(name);
  if (asked === undefined) throw unknown(name);
  const replacement = replacementOf(asked);
  const wanted = replacement?.model ?? asked;
  const { hubModel } = await import('./hubModel.ts');
  try {
    const { folder, revision, notes } = await hubModel(wanted, hooks);
    const replaced = replacement === undefined ? [] : [replacement.note];
    return { folder, name: shownModelName(wanted), revision, notes: [...replaced, ...notes] };
  } catch (error) {
    if (replacement === undefined || !(error instanceof PrmError)) throw error;
    const { where = name, what, remedy = '' } = error;
    // The error names another model than the person did.
    throw new PrmError({ where, what, remedy: `${replacement.note} ${remedy}`.trim(), cause: error });
  }
}

function unknown(name: string): PrmError {
  const similar = similarModel(name);
  return new PrmError({
    where: name,
    what: 'there is no such folder',
    remedy:
      similar === undefined
        ? 'Check the path, or give a model of the Hub as owner/name, such as Qwen/Qwen3-0.6B.'
        : `Did you mean ${similar}? Models of the Hub are named owner/name.`,
  });
}

async function statsOf(file: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'].includes(systemErrorCode(error) ?? ''))
      return undefined;
    throw error;
  }
}
