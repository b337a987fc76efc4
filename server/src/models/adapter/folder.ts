// The folder of an adapter: PEFT's two files beside what makes it a PRM. Its base model lies elsewhere and is not copied.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PrmError } from '../../support/errors.ts';
import { HEAD } from '../backbones/method.ts';
import type { Weights } from '../backbones/weight.ts';
import { checkIsThere, checkProof, damagedModel, trainedElsewhere } from '../folderChecks.ts';
import { exists } from '../folderWriting.ts';
import { TOKENIZER_FILE, type PrmRecord } from '../modelFiles.ts';
import type { AdapterModel, StoredParts } from '../prmModel.ts';
import { loadTokenizer } from '../tokenizer.ts';
import { baseRecord, findBase, type BaseReference, type FoundBase } from './base.ts';
import { ADAPTER_CONFIG_FILE, adapterConfigJson, readAdapterConfig, type AdapterConfig } from './config.ts';
import { ADAPTER_FILE, readAdapterTensors, writeAdapterTensors } from './tensors.ts';

/**
 * Writes PEFT's files.
 * @param folder where they go
 * @param target where the folder will lie in the end
 * @returns what prm.json says of them
 */
export async function writeAdapter(
  folder: string,
  model: AdapterModel,
  target: string,
): Promise<Pick<PrmRecord, 'weights' | 'base'>> {
  await writeFile(path.join(folder, ADAPTER_CONFIG_FILE), adapterConfigJson(model));
  return {
    weights: await writeAdapterTensors(folder, model),
    base: await baseRecord(model.base, target),
  };
}

/**
 * Reads and checks an adapter, and finds its base model.
 * @param record its prm.json; undefined for adapters that PEFT wrote
 * @throws PrmError that names the file and what to do
 */
export async function readAdapter(
  folder: string,
  record: PrmRecord | undefined,
): Promise<AdapterModel & StoredParts> {
  const file = path.join(folder, ADAPTER_FILE);
  for (const name of [ADAPTER_CONFIG_FILE, ADAPTER_FILE]) await checkIsThere(path.join(folder, name));
  const adapterConfig = await readAdapterConfig(folder);
  const sha256 = await checkProof([file], record?.weights, file);
  const { base, backbone, weights, fingerprint } = await findBase(
    folder,
    record?.base ?? referenceIn(adapterConfig, folder),
  );
  const { config } = backbone;
  const { settings } = adapterConfig;
  const { tensors, headBias } = await readAdapterTensors(folder, config, settings);
  return {
    kind: 'adapter',
    folder,
    config,
    base,
    settings,
    tensors,
    weights: withHead(weights, tensors),
    ...(headBias && { headBias }),
    ...(await tokenizerOf(folder, backbone)),
    description: record?.description ?? trainedElsewhere(folder),
    weightsSha256: createHash('sha256').update(`${fingerprint} ${sha256}`).digest('hex'),
  };
}

function referenceIn({ baseName, revision }: AdapterConfig, folder: string): BaseReference {
  if (baseName !== undefined) return { name: baseName, ...(revision !== undefined && { revision }) };
  throw new PrmError({
    where: path.join(folder, ADAPTER_CONFIG_FILE),
    what: 'The adapter does not say which base model it belongs to (base_model_name_or_path)',
    remedy: "Write the base model's folder or Hub id there.",
  });
}

/** The base's weights, with the head that was trained. */
function withHead(weights: Weights, tensors: ReadonlyMap<string, Float32Array>): Weights {
  const [drawn, trained] = [weights.get(HEAD), tensors.get(HEAD)];
  if (drawn === undefined || trained === undefined) throw new RangeError('A PRM without a head.');
  return new Map([...weights, [HEAD, { dims: drawn.dims, values: trained }]]);
}

/** The adapter's own tokenizer where it has one: the base's may have been changed since. */
async function tokenizerOf(
  folder: string,
  { config, tokenizer, tokenizerFile }: FoundBase['backbone'],
): Promise<Pick<AdapterModel & StoredParts, 'tokenizer' | 'tokenizerFile'>> {
  const file = path.join(folder, TOKENIZER_FILE);
  if (!(await exists(file))) return { tokenizer, tokenizerFile };
  const own = loadTokenizer(file);
  if (own.vocabularySize > config.vocab_size) {
    throw damagedModel(
      file,
      `The tokenizer has ${own.vocabularySize} entries, but the base model's embedding only ${config.vocab_size}`,
    );
  }
  return { tokenizer: own, tokenizerFile: file };
}
