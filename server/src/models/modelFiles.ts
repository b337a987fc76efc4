// What the JSON files of a model folder say: `prm.json` (the PRM) and `config.json` (its decoder).
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EvaluationMetrics } from '../../../protocol/src/runs.ts';
import { PrmError, messageOf, systemErrorCode } from '../support/errors.ts';
import { PRODUCT_VERSION } from '../support/version.ts';
import { transformersClass, type DecoderConfig } from './backbones/config.ts';

export const PRM_FILE = 'prm.json';
export const CONFIG_FILE = 'config.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const README_FILE = 'README.md';

/** Raised when a change makes older versions misread a folder. */
const SCHEMA_VERSION = 1;

/** What a PRM is, beside its decoder and weights. */
export interface ModelDescription {
  /** For people: the run's name. */
  name: string;
  /** How the input is written and the score is read: a name of families/index.ts. */
  family: string;
  /** What the family writes between steps; for people and other programs. */
  stepSeparator: string;
  /** Score below which a step counts as incorrect, 0 to 1. */
  threshold: number;
  /** Facts about the training, for people: dataset, examples, epochs, seed, … */
  training: Record<string, string | number | boolean | null | (string | number)[]>;
  /** On held-out problems; null where none were evaluated. */
  metrics: EvaluationMetrics | null;
}

/** Proof that a folder's weights are the ones that were written. */
export interface WeightsProof {
  /** Of the file, or of all its shards one after the other; lower-case hexadecimal. */
  sha256: string;
  /** Of all of them. */
  bytes: number;
}

/** The base model of an adapter, as prm.json names it. */
export interface BaseRecord {
  /** As it was given for training. */
  name: string;
  /** Of a local model: its place as seen from the adapter's folder, with `/`. */
  folder?: string;
  /** Of a model of the Hub. */
  revision?: string;
  /** sha256 of what shapes its graph, and of samples of its weights: see adapter/base.ts. */
  config: string;
  weights: string;
}

/** All that `prm.json` says. */
export interface PrmRecord {
  description: ModelDescription;
  weights: WeightsProof;
  /** Of adapters. */
  base?: BaseRecord;
}

const rate = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
export const metricsSchema: z.ZodType<EvaluationMetrics> = z.object({
  steps: count,
  incorrect: count,
  loss: z.number(),
  accuracy: rate,
  balancedAccuracy: rate.nullable(),
  f1Incorrect: rate.nullable(),
  auroc: rate.nullable(),
  majorityAccuracy: rate,
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hexadecimal');
const prmSchema = z.object({
  schema: z.literal(SCHEMA_VERSION),
  name: z.string().min(1),
  family: z.string().min(1),
  stepSeparator: z.string(),
  threshold: rate,
  training: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]),
  ),
  metrics: metricsSchema.nullable(),
  weights: z.object({ sha256, bytes: count }),
  base: z
    .object({
      name: z.string().min(1),
      folder: z.string().exactOptional(),
      revision: z.string().exactOptional(),
      config: sha256,
      weights: sha256,
    })
    .exactOptional(),
  productVersion: z.string(),
});

/** The text of `prm.json`. */
export function prmJson({ description, weights, base }: PrmRecord): string {
  const contents: z.infer<typeof prmSchema> = {
    schema: SCHEMA_VERSION,
    ...description,
    weights: { sha256: weights.sha256, bytes: weights.bytes },
    ...(base && { base }),
    productVersion: PRODUCT_VERSION,
  };
  return jsonText(contents);
}

/**
 * The text of `config.json`: the decoder's shape, and what transformers wants to know to load it.
 * @param dtype element type of the weights, as torch names it
 */
export function configJson(config: DecoderConfig, dtype = 'float32'): string {
  return jsonText({
    architectures: [transformersClass(config)],
    attention_bias: false,
    tie_word_embeddings: false,
    ...config,
    hidden_act: 'silu',
    num_labels: 2,
    id2label: { 0: 'incorrect', 1: 'correct' },
    label2id: { incorrect: 0, correct: 1 },
    torch_dtype: dtype,
  });
}

/**
 * Reads `prm.json`.
 * @throws PrmError where it is missing, damaged, or of a newer version
 */
export async function readPrmFile(folder: string): Promise<PrmRecord> {
  const file = path.join(folder, PRM_FILE);
  const contents = await readJson(file);
  const newer = z.object({ schema: z.number().int().gt(SCHEMA_VERSION) }).safeParse(contents);
  if (newer.success) {
    throw new PrmError({
      where: file,
      what: `The model was written by a newer version (schema ${newer.data.schema}, known: ${SCHEMA_VERSION})`,
      remedy: 'Update PRM Workbench.',
    });
  }
  const { name, family, stepSeparator, threshold, training, metrics, weights, base } = check(
    prmSchema,
    contents,
    file,
  );
  const description = { name, family, stepSeparator, threshold, training, metrics };
  return { description, weights, ...(base && { base }) };
}

/** @throws PrmError where the file is missing or is not JSON */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    throw new PrmError({
      where: file,
      what: missing ? 'The model folder lacks this file' : `The file could not be read (${messageOf(error)})`,
      remedy: missing ? 'Copy the whole model folder again, or train it again.' : 'Check its permissions.',
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, `The file is not JSON (${messageOf(error)})`, error);
  }
}

/** @throws PrmError that names the file and the field */
export function check<T>(schema: z.ZodType<T>, contents: unknown, file: string): T {
  const result = schema.safeParse(contents);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'Its contents' : issue.path.join('.');
  throw damaged(file, `${field}: ${issue?.message ?? 'not valid'}`, result.error);
}

function damaged(file: string, what: string, cause: unknown): PrmError {
  return new PrmError({
    where: file,
    what,
    remedy: 'The file is damaged: copy the model folder again, or train it again.',
    cause,
  });
}

/** JSON for people too: indented, with a line end. */
export function jsonText(contents: unknown): string {
  return `${JSON.stringify(contents, null, 2)}\n`;
}
