// Writes a model for other programs: merged with its adapter, as a folder for transformers or as ONNX.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PrmError } from '../../support/errors.ts';
import { writeFolder } from '../folderWriting.ts';
import { cardText } from '../modelCard.ts';
import { CONFIG_FILE, configJson, PRM_FILE, prmJson, README_FILE } from '../modelFiles.ts';
import { findModelFolder, readModelFolder, type StoredPrmModel } from '../modelFolder.ts';
import { writeShards, type WritingHooks, type WrittenType } from '../shards.ts';
import { copyTokenizer } from '../tokenizerFiles.ts';
import { mergedTensors } from './merged.ts';
import { ONNX_FILE, writeOnnx } from './onnxFile.ts';

export const EXPORT_FORMATS = ['onnx', 'hf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** As transformers names them. */
export const EXPORT_TYPES = { float32: 'F32', bfloat16: 'BF16', float16: 'F16' } as const satisfies Record<
  string,
  WrittenType
>;
export type ExportType = keyof typeof EXPORT_TYPES;

export interface ExportOptions extends WritingHooks {
  /** A model folder, or a run folder. */
  model: string;
  to: ExportFormat;
  outputDir: string;
  /** Element type of the weights. */
  dtype: ExportType;
  /** Replace an earlier export at that place. */
  overwrite: boolean;
  /** Bytes of a shard of the folder for transformers; left out: 5 GB. */
  shardBytes?: number;
}

export interface ExportReport {
  name: string;
  folder: string;
  /** Whether an adapter was merged, and into what. */
  base: string | undefined;
  /** Of the weights. */
  bytes: number;
}

/**
 * Reads, merges and writes a model, tensor by tensor.
 * @throws PrmError where the model cannot be read, or the place is taken or cannot be written; CancelledError. Nothing is
 *   left behind then.
 */
export async function exportModel(options: ExportOptions): Promise<ExportReport> {
  const model = await readModelFolder(await findModelFolder(options.model));
  const folder = path.resolve(options.outputDir);
  checkIsApart(folder, model);
  const bytes = await writeFolder(
    folder,
    {
      mayReplace: (names) => options.overwrite && (names.includes(ONNX_FILE) || names.includes(PRM_FILE)),
      remedy: 'Name another folder, or give --overwrite to replace an earlier export.',
    },
    (temporary) => writeFiles(temporary, model, options),
  );
  const base = model.kind === 'adapter' ? model.base.name : undefined;
  return { name: model.description.name, folder, base, bytes };
}

async function writeFiles(
  folder: string,
  model: StoredPrmModel,
  { to, dtype, ...hooks }: ExportOptions,
): Promise<number> {
  const { config, description } = model;
  const tensors = mergedTensors(model, EXPORT_TYPES[dtype]);
  await copyTokenizer(model.tokenizerFile, folder);
  await writeFile(path.join(folder, CONFIG_FILE), configJson(config, dtype));
  await writeFile(path.join(folder, README_FILE), cardOf(model, to, dtype));
  if (to === 'onnx') return writeOnnx(folder, config, tensors, hooks);
  const weights = await writeShards(folder, tensors, hooks);
  await writeFile(path.join(folder, PRM_FILE), prmJson({ description, weights }));
  return weights.bytes;
}

/** An export may replace neither its source nor anything above or below it. */
function checkIsApart(folder: string, model: StoredPrmModel): void {
  const sources = [model.folder, ...(model.kind === 'adapter' ? [model.base.folder] : [])];
  for (const source of sources.map((one) => path.resolve(one))) {
    if (!isWithin(folder, source) && !isWithin(source, folder)) continue;
    throw new PrmError({
      where: folder,
      what: `The export would lie in or over the model that it is made from (${source})`,
      remedy: 'Give --output_dir a folder of its own.',
    });
  }
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..');
}

function cardOf(model: StoredPrmModel, to: ExportFormat, dtype: ExportType): string {
  const stored = `Weights are stored as ${dtype}${model.kind === 'adapter' ? ', the adapter merged in' : ''}.`;
  const use =
    to === 'hf'
      ? [
          stored,
          'transformers loads it with `AutoModelForTokenClassification.from_pretrained`.',
          '`prm score --model FOLDER solution.txt` scores the steps of a solution.',
        ]
      : [
          stored,
          `\`${ONNX_FILE}\` takes \`input_ids\`, int64 [batch, length], any batch and length, and gives \`logits\`, float32 [batch, length, 2]. Its weights lie beside it and must stay there.`,
          'There is no attention mask: pad on the right, where a causal model does not look, and read no scores there.',
        ];
  return cardText({
    description: model.description,
    kind: 'whole',
    base: model.kind === 'adapter' ? model.base : undefined,
    library: to === 'hf' ? 'transformers' : 'onnx',
    use,
  });
}
