// A backbone with the head that it was pre-trained with: logits of the next token, to check real weights by.
import path from 'node:path';
import { openBackbone } from '../../server/src/models/backbones/backboneFolder.ts';
import { decoder } from '../../server/src/models/backbones/decoder.ts';
import { HEAD } from '../../server/src/models/backbones/method.ts';
import { EMBEDDING, parameterSpecs } from '../../server/src/models/backbones/parameters.ts';
import { externalFolderOf, weightTensors } from '../../server/src/models/backbones/weightTensors.ts';
import { Graph } from '../../server/src/graph/graph.ts';
import * as onnx from '../../server/src/graph/nodes.ts';
import { readTensors, toFloat32 } from '../../server/src/models/safetensors.ts';
import { createSession } from '../../server/src/models/runtime.ts';

const IDS = 'ids';
const LOGITS = 'logits';
const UNTIED = 'lm_head.weight';

/**
 * @param folder of a language model
 * @returns logits of the next token at every position, [ids, vocabulary]
 */
export async function nextTokenLogits(folder: string, ids: readonly number[]): Promise<Float32Array> {
  const { config, weights: locate } = await openBackbone(folder);
  const weights = new Map(await locate(0));
  const untied = (await readTensors(path.join(folder, 'model.safetensors'), new Set([UNTIED]))).get(UNTIED);
  if (untied !== undefined) weights.set(UNTIED, { dims: untied.dims, values: toFloat32(untied) });
  weights.delete(HEAD);

  const graph = new Graph();
  const externalFolder = externalFolderOf(weights);
  const tensor = weightTensors(graph, weights, externalFolder);
  const specs = new Map(parameterSpecs(config).map((spec) => [spec.name, spec]));
  const parameter = (name: string) => {
    const spec = specs.get(name === HEAD ? EMBEDDING : name);
    if (spec === undefined) throw new RangeError(`The decoder has no parameter ${name}.`);
    return tensor(name === HEAD && untied !== undefined ? { ...spec, name: UNTIED } : spec);
  };
  const input = graph.input(IDS, [ids.length], 'int32');
  const embeddings = onnx.widen(onnx.gatherRows(parameter(EMBEDDING), input));
  graph.output(LOGITS, decoder(config, { batch: 1, length: ids.length }, embeddings, parameter));

  const { session } = await createSession({ bytes: graph.toModel(), externalFolder }, { device: 'cpu' });
  const logits = new Float32Array(ids.length * config.vocab_size);
  await session.run({ [IDS]: Int32Array.from(ids) }, { [LOGITS]: logits });
  await session.release();
  return logits;
}
