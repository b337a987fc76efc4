// The base model under an adapter: found again by name, and recognised, so that an adapter never runs over another model.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { PrmError } from '../../support/errors.ts';
import { openBackbone, type BackboneFolder } from '../backbones/backboneFolder.ts';
import type { DecoderConfig } from '../backbones/config.ts';
import { HEAD } from '../backbones/method.ts';
import { isStored, type Weight, type Weights } from '../backbones/weight.ts';
import { exists } from '../folderWriting.ts';
import { readModelName } from '../hub/modelName.ts';
import { resolveModel } from '../hub/resolveModel.ts';
import type { BaseRecord } from '../modelFiles.ts';
import type { BaseModel } from '../prmModel.ts';
import { baseName } from './config.ts';

/** What an adapter says about its base model. */
export type BaseReference = Pick<BaseRecord, 'name'> & Partial<BaseRecord>;

export interface FoundBase {
  base: BaseModel;
  backbone: BackboneFolder;
  /** Every parameter, where it lies. */
  weights: Weights;
  /** sha256 of samples of the weights. */
  fingerprint: string;
}

/** Bytes of each weight that its fingerprint reads: a model trained on from the same start differs in them. */
const SAMPLE_BYTES = 4096;

/**
 * Finds the base model of an adapter: where it lay as seen from the adapter, by its name as a path, in the Hub's cache.
 * @param folder of the adapter
 * @throws PrmError saying where it was looked for and what to do, or that it is another model than it was
 */
export async function findBase(folder: string, reference: BaseReference): Promise<FoundBase> {
  const base = await locate(folder, reference);
  const backbone = await openBackbone(base.folder);
  const weights = await backbone.weights(0);
  const fingerprint = await fingerprintOf(weights);
  const changed = [
    ...(reference.config === undefined || reference.config === configHash(backbone.config)
      ? []
      : ['config.json']),
    ...(reference.weights === undefined || reference.weights === fingerprint ? [] : ['weights']),
  ];
  if (changed.length > 0) {
    throw new PrmError({
      where: base.folder,
      what: `This is not the base model that the adapter ${folder} was trained on: ${changed.join(' and ')} differ`,
      remedy: `Put the ${reference.name} of that time there${reference.revision === undefined ? '' : ` (revision ${reference.revision})`}, or train the adapter again.`,
    });
  }
  return { base, backbone, weights, fingerprint };
}

/** What `prm.json` keeps of a base model. @param adapterFolder where the adapter will lie */
export async function baseRecord(base: BaseModel, adapterFolder: string): Promise<BaseRecord> {
  const { config, weights } = await openBackbone(base.folder);
  const relative = path.relative(path.resolve(adapterFolder), path.resolve(base.folder));
  return {
    name: base.name,
    ...(base.revision === undefined
      ? { folder: relative.replaceAll(path.sep, '/') }
      : { revision: base.revision }),
    config: configHash(config),
    weights: await fingerprintOf(await weights(0)),
  };
}

async function locate(folder: string, reference: BaseReference): Promise<BaseModel> {
  const { name, folder: place, revision } = reference;
  const id = baseName({ name, ...(revision !== undefined && { revision }) });
  const places = [...(place === undefined ? [] : [path.resolve(folder, place)]), path.resolve(folder, name)];
  const found = revision === undefined ? await firstThere([...places, path.resolve(name)]) : undefined;
  try {
    const resolved = await resolveModel(found ?? (revision === undefined ? id : `${id}@${revision}`), {
      // A score must not depend on the network, nor wait for gigabytes: only what is here already counts.
      environment: { ...process.env, HF_HUB_OFFLINE: '1' },
    });
    return { name, folder: resolved.folder, ...(revision !== undefined && { revision }) };
  } catch (error) {
    if (!(error instanceof PrmError) || found !== undefined) throw error;
    throw new PrmError({
      where: folder,
      what: `The adapter's base model ${name} is not on this machine (${error.what})`,
      remedy: remedyFor(reference, places),
      cause: error,
    });
  }
}

async function firstThere(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) if (await exists(place)) return place;
  return undefined;
}

function remedyFor({ name, revision }: BaseReference, [place = name]: readonly string[]): string {
  if (revision === undefined && readModelName(name) === undefined) return `Put the base model at ${place}.`;
  return `Download it once, with \`hf download ${baseName({ name, revision: revision ?? 'main' })}${revision === undefined ? '' : ` --revision ${revision}`}\` or by training on it, or put its folder at ${place}.`;
}

/** Of the fields that shape the graph; their order in the file does not matter. */
function configHash(config: DecoderConfig): string {
  const sorted = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/**
 * sha256 over name, type, shape and first bytes of every weight but the head: in a blink, where reading gigabytes takes
 * long. Says nothing of how the weights are spread over files.
 */
async function fingerprintOf(weights: Weights): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, weight] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name === HEAD) continue;
    const type = isStored(weight) ? weight.type : 'F32';
    hash.update(`${name} ${type} ${weight.dims.join()}\n`).update(await sampleOf(weight));
  }
  return hash.digest('hex');
}

async function sampleOf(weight: Weight): Promise<Uint8Array> {
  if (!isStored(weight)) {
    const { buffer, byteOffset, byteLength } = weight.values;
    return new Uint8Array(buffer, byteOffset, Math.min(byteLength, SAMPLE_BYTES));
  }
  const handle = await open(weight.file, 'r');
  try {
    const sample = new Uint8Array(Math.min(weight.length, SAMPLE_BYTES));
    const { bytesRead } = await handle.read(sample, 0, sample.length, weight.offset);
    return sample.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
