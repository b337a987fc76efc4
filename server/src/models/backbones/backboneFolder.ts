// A language model as Hugging Face stores it: config.json, tokenizer.json, and weights in one or many safetensors files.
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { elementCount, sameShape } from '../../graph/shape.ts';
import { messageOf, PrmError, systemErrorCode } from '../../support/errors.ts';
import {
  readSafetensorsHeader,
  readTensorAt,
  readTensors,
  toFloat32,
  type TensorLocation,
} from '../safetensors.ts';
import { loadTokenizer, type Tokenizer } from '../tokenizer.ts';
import { parseDecoderConfig, type DecoderConfig } from './config.ts';
import { HEAD } from './method.ts';
import { initialParameters, parameterSpecs, type ParameterSpec } from './parameters.ts';
import { readWeight, type StoredWeight, type Weight, type Weights } from './weight.ts';

const CONFIG = 'config.json';
const TOKENIZER = 'tokenizer.json';
const WEIGHTS = 'model.safetensors';
/** Says which file holds which tensor, where there are several. */
const INDEX = 'model.safetensors.index.json';
/** Token classifiers of transformers have it; ours do not, so it must be zero. */
const HEAD_BIAS = 'score.bias';
/** Base models (`AutoModel`) are stored without this. */
const PREFIX = 'model.';

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** A folder whose config and tokenizer were read and checked; the weights are read on demand. */
export interface BackboneFolder {
  folder: string;
  config: DecoderConfig;
  tokenizerFile: string;
  tokenizer: Tokenizer;
  /**
   * Where every parameter lies, by Hugging Face name. The files' headers are checked; what lies behind them is not read.
   * @param seed for the head, where the folder has none
   * @throws PrmError naming the file or tensor that is missing, damaged, or of another shape than config.json says
   */
  weights: (seed: number) => Promise<Weights>;
}

/** @throws PrmError naming the file, and what in it is missing or not supported */
export async function openBackbone(folder: string): Promise<BackboneFolder> {
  const configFile = path.join(folder, CONFIG);
  const config = parseDecoderConfig(await readJson(configFile), configFile);
  const tokenizerFile = path.join(folder, TOKENIZER);
  const tokenizer = loadTokenizer(tokenizerFile);
  if (tokenizer.vocabularySize > config.vocab_size) {
    throw new PrmError({
      where: tokenizerFile,
      what: `The tokenizer has ${tokenizer.vocabularySize} entries, but the model's embedding only ${config.vocab_size}`,
      remedy: 'Take tokenizer.json and weights of the same model.',
    });
  }
  return {
    folder,
    config,
    tokenizerFile,
    tokenizer,
    weights: (seed) => locateWeights(folder, config, seed),
  };
}

async function locateWeights(folder: string, config: DecoderConfig, seed: number): Promise<Weights> {
  const files = await tensorFiles(folder);
  const headers = new Map<string, Promise<OpenedFile>>();
  const { root } = path.parse(await realpath(folder));
  const opened = (file: string): Promise<OpenedFile> => {
    const known = headers.get(file) ?? openFile(file, root);
    headers.set(file, known);
    return known;
  };
  const weights = new Map<string, Weight>();
  for (const spec of parameterSpecs(config)) {
    const stored = [spec.name, spec.name.slice(PREFIX.length)].find((name) => files.has(name));
    const file = stored === undefined ? undefined : files.get(stored);
    if (stored !== undefined && file !== undefined) {
      weights.set(spec.name, await locate(await opened(file), stored, spec));
    } else if (spec.name === HEAD) {
      weights.set(HEAD, { dims: spec.dims, values: initialHead(config, seed) });
    } else {
      throw incomplete(folder, `The tensor ${spec.name} is missing`);
    }
  }
  await checkHeadBias(files.get(HEAD_BIAS));
  return weights;
}

/** A weights file whose header was checked. */
interface OpenedFile {
  /** As the folder names it: for people. */
  file: string;
  /** Links resolved: files in the Hub's cache are links into another folder. */
  real: string;
  /** Whether it lies on the drive of the folder: a graph finds all its weights from one folder above them. */
  mappable: boolean;
  tensors: ReadonlyMap<string, TensorLocation>;
}

async function openFile(file: string, root: string): Promise<OpenedFile> {
  const { tensors } = await readSafetensorsHeader(file);
  const real = await realpath(file);
  return { file, real, mappable: path.parse(real).root === root, tensors };
}

async function locate(
  { file, real, mappable, tensors }: OpenedFile,
  stored: string,
  { dims }: ParameterSpec,
): Promise<Weight> {
  const tensor = tensors.get(stored);
  if (tensor === undefined) {
    throw incomplete(file, `The tensor ${stored} is missing, though ${INDEX} names this file`);
  }
  const { type, start, end } = tensor;
  if (type === 'I64' || !sameShape(tensor.dims, dims)) {
    throw incomplete(
      file,
      `Tensor ${stored} is ${type} of [${tensor.dims.join(', ')}], but ${CONFIG} asks for [${dims.join(', ')}]`,
    );
  }
  if (type !== 'F64') {
    const weight: StoredWeight = { dims, type, file: real, offset: start, length: end - start };
    const aligned = start % (type === 'F32' ? 4 : 2) === 0;
    if (mappable && aligned) return weight;
    // On another drive; or not at a multiple of its element's size, as old writers leave it, which some processors
    // cannot read in place.
    return { dims, values: await readWeight(weight) };
  }
  return { dims, values: toFloat32(await readTensorAt(real, tensor)) };
}

async function checkHeadBias(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const bias = (await readTensors(file, new Set([HEAD_BIAS]))).get(HEAD_BIAS);
  if (bias === undefined || toFloat32(bias).every((value) => value === 0)) return;
  throw new PrmError({
    where: file,
    what: `${HEAD_BIAS} is not zero, and heads with a bias are not supported`,
    remedy: 'Start from the language model that it was trained from.',
  });
}

/** The same start for every backbone of a width, whatever else is drawn. */
function initialHead(config: DecoderConfig, seed: number): Float32Array {
  const small = { ...config, vocab_size: 1, num_hidden_layers: 1, intermediate_size: 1 };
  const head = initialParameters(small, seed).get(HEAD);
  const size = elementCount([2, config.hidden_size]);
  if (head?.length !== size) throw new RangeError(`A head of ${head?.length} elements instead of ${size}.`);
  return head;
}

/** The file of each tensor. */
async function tensorFiles(folder: string): Promise<Map<string, string>> {
  const indexFile = path.join(folder, INDEX);
  const index = await readJson(indexFile, true);
  if (index === undefined) {
    const file = path.join(folder, WEIGHTS);
    const { tensors } = await readSafetensorsHeader(file);
    return new Map([...tensors.keys()].map((name) => [name, file]));
  }
  const { data } = indexSchema.safeParse(index);
  if (data === undefined) throw incomplete(indexFile, 'It has no weight_map of file names');
  // A name could lead out of the folder.
  return new Map(
    Object.entries(data.weight_map).map(([name, file]) => [name, path.join(folder, path.basename(file))]),
  );
}

/** @returns undefined where the file is not there and may be missing */
async function readJson(file: string, mayBeMissing = false): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const code = systemErrorCode(error);
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    if (missing && mayBeMissing) return undefined;
    throw new PrmError({
      where: file,
      what: missing ? 'The model folder lacks this file' : `The file cannot be read (${messageOf(error)})`,
      remedy: 'Give the folder of a language model as Hugging Face stores it.',
      cause: error,
    });
  }
}

function incomplete(where: string, what: string): PrmError {
  return new PrmError({ where, what, remedy: 'Copy or download the whole model folder again.' });
}
