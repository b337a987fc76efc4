// Low-rank adapters against PEFT: logits, loss and all gradients with soft targets (golden values from
// test/reference/adapters.py: torch 2.15.0, transformers 5.23.0, peft 0.21.2, float32); against finite differences; and on
// backbones as they are stored.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elementCount } from '../../../../server/src/graph/shape.ts';
import { parseDecoderConfig, type DecoderConfig } from '../../../../server/src/models/backbones/config.ts';
import {
  evaluationGraph,
  gradientName,
  scoringGraph,
  TENSOR,
  trainingGraph,
  type GraphModel,
} from '../../../../server/src/models/backbones/graphs.ts';
import {
  HEAD,
  LORA_TARGETS,
  trainedSpecs,
  type LoraSettings,
  type TrainingMethod,
} from '../../../../server/src/models/backbones/method.ts';
import {
  EMBEDDING,
  initialParameters,
  parameterSpecs,
} from '../../../../server/src/models/backbones/parameters.ts';
import { initialTrained } from '../../../../server/src/models/backbones/trained.ts';
import {
  readWeight,
  type StoredWeight,
  type Weights,
} from '../../../../server/src/models/backbones/weight.ts';
import { createSession, type Tensors } from '../../../../server/src/models/runtime.ts';
import {
  readSafetensors,
  readSafetensorsHeader,
  toFloat32,
  writeSafetensors,
} from '../../../../server/src/models/safetensors.ts';
import { seededRandom } from '../../../../server/src/support/random.ts';
import { centralDifferences, normals, relativeError } from '../../graph/runGraph.ts';
import { heldWeights } from './held.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/decoders');
const NAMES = ['qwen3', 'qwen2', 'llama-biased', 'mistral'];
/** Relative to the largest or typical element of a tensor: float32 sums in another order. */
const TOLERANCE = 1e-4;
const SHAPE = { batch: 2, length: 12 };
const ROWS = SHAPE.batch * SHAPE.length;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'lora-'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function configOf(name: string): DecoderConfig {
  const content: unknown = JSON.parse(readFileSync(path.join(FIXTURES, name, 'config.json'), 'utf8'));
  return parseDecoderConfig(content, `${name}/config.json`);
}

/** Every tensor of a file where it lies. */
async function stored(file: string): Promise<Map<string, StoredWeight>> {
  const { tensors } = await readSafetensorsHeader(file);
  return new Map(
    [...tensors].map(([name, { type, dims, start, end }]) => {
      if (type !== 'F32' && type !== 'F16' && type !== 'BF16') throw new Error(`${name} is ${type}.`);
      return [name, { dims, type, file, offset: start, length: end - start }];
    }),
  );
}

async function held(weights: Weights): Promise<Map<string, Float32Array>> {
  const read = new Map<string, Float32Array>();
  for (const [name, weight] of weights) read.set(name, await readWeight(weight));
  return read;
}

function take(tensors: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The fixture lacks ${name}.`);
  return tensor;
}

/** Runs a model once into arrays of these sizes. */
async function run(model: GraphModel, inputs: Tensors, sizes: Readonly<Record<string, number>>, threads = 1) {
  const { session } = await createSession(model, { device: 'cpu', threads });
  const outputs = Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [name, new Float32Array(size)]),
  );
  await session.run(inputs, outputs);
  await session.release();
  return outputs;
}

/** What a run with the golden file's tokens and targets is fed. */
function goldenInputs(golden: ReadonlyMap<string, Float32Array>): Record<string, Float32Array | Int32Array> {
  const weights = take(golden, 'weights');
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    [TENSOR.ids]: Int32Array.from(take(golden, 'ids')),
    [TENSOR.signs]: take(golden, 'targets').map((target) => 2 * target - 1),
    [TENSOR.weights]: weights.map((weight) => weight / total),
  };
}

describe.each(NAMES)('LoRA beside %s', (name) => {
  const config = configOf(name);
  let weights: Weights;
  let golden: Map<string, Float32Array>;
  let settings: LoraSettings;

  beforeAll(async () => {
    weights = await stored(path.join(FIXTURES, name, 'model.safetensors'));
    const { tensors, metadata } = await readSafetensors(path.join(FIXTURES, name, 'adapter.safetensors'));
    golden = new Map([...tensors].map(([tensor, value]) => [tensor, toFloat32(value)]));
    settings = {
      rank: Number(metadata.rank),
      alpha: Number(metadata.alpha),
      dropout: 0,
      targets: LORA_TARGETS,
    };
  });

  it.each([
    ['cpu', false],
    ['portable', false],
    ['cpu', true],
  ] as const)(
    'has the loss and gradients of PEFT (%s kernels, recomputed: %s)',
    async (target, recompute) => {
      const method: TrainingMethod = { kind: 'lora', ...settings };
      const specs = trainedSpecs(config, method);
      const sizes = specs.map(
        ({ name: tensor, dims }) => [gradientName(tensor), elementCount(dims)] as const,
      );
      const model = trainingGraph(config, SHAPE, { target, method, frozen: weights, recompute });
      expect(model.externalFolder).toBe(path.join(FIXTURES, name));
      const trained = Object.fromEntries(specs.map(({ name: tensor }) => [tensor, take(golden, tensor)]));
      const results = await run(
        model,
        { ...goldenInputs(golden), ...trained },
        { ...Object.fromEntries(sizes), [TENSOR.loss]: 1, [TENSOR.logits]: 2 * ROWS },
      );
      expect(relativeError(results[TENSOR.logits], take(golden, 'logits'))).toBeLessThan(TOLERANCE);
      expect(relativeError(results[TENSOR.loss], take(golden, 'loss'))).toBeLessThan(TOLERANCE);
      for (const [gradient] of sizes) {
        expect(relativeError(results[gradient], take(golden, gradient)), gradient).toBeLessThan(TOLERANCE);
      }
      expect(sizes).toHaveLength([...golden.keys()].filter((key) => key.startsWith('gradient of ')).length);
    },
  );

  it('scores as PEFT does', async () => {
    const model = scoringGraph(config, { weights, lora: { settings, tensors: golden } }, SHAPE);
    const { [TENSOR.ids]: ids } = goldenInputs(golden);
    const { logits } = await run(model, { [TENSOR.ids]: ids }, { [TENSOR.logits]: 2 * ROWS });
    expect(relativeError(logits, take(golden, 'logits'))).toBeLessThan(TOLERANCE);
  });

  it('trains the head alone as every weight is trained', async () => {
    const parameters = await held(weights);
    const method: TrainingMethod = { kind: 'head' };
    const { [TENSOR.ids]: ids, ...rest } = goldenInputs(golden);
    const head = await run(
      trainingGraph(config, SHAPE, { method, frozen: weights }),
      { [TENSOR.ids]: ids, ...rest, [HEAD]: take(parameters, HEAD) },
      { [gradientName(HEAD)]: 2 * config.hidden_size },
    );
    const table = take(parameters, EMBEDDING);
    const embeddings = Float32Array.from(
      [...ids].flatMap((id) => [...table.subarray(id * config.hidden_size, (id + 1) * config.hidden_size)]),
    );
    const all = await run(
      trainingGraph(config, SHAPE, { method: { kind: 'full' }, frozen: new Map() }),
      { ...Object.fromEntries(parameters), ...rest, [TENSOR.embeddings]: embeddings },
      { [gradientName(HEAD)]: 2 * config.hidden_size },
    );
    expect(relativeError(head[gradientName(HEAD)], all[gradientName(HEAD)])).toBeLessThan(1e-5);
  });

  it.each(['BF16', 'F16'] as const)(
    'computes with weights stored as %s as with their numbers',
    async (type) => {
      const { tensors } = await readSafetensors(path.join(FIXTURES, name, 'model.safetensors'));
      const file = path.join(scratch, `${name}-${type}.safetensors`);
      await writeSafetensors(
        file,
        new Map(
          [...tensors].map(([tensor, { dims, bytes }]) => {
            const halves = Uint16Array.from(
              new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
              (bits) => (type === 'BF16' ? bits >>> 16 : halfOf(bits)),
            );
            return [tensor, { type, dims, bytes: new Uint8Array(halves.buffer) }];
          }),
        ),
      );
      const halves = await stored(file);
      const numbers = heldWeights(config, await held(halves));
      const method: TrainingMethod = { kind: 'lora', ...settings };
      const specs = trainedSpecs(config, method);
      const inputs = {
        ...goldenInputs(golden),
        ...Object.fromEntries(specs.map(({ name: tensor }) => [tensor, take(golden, tensor)])),
      };
      const sizes = {
        [TENSOR.loss]: 1,
        [TENSOR.logits]: 2 * ROWS,
        ...Object.fromEntries(
          specs.map(({ name: tensor, dims }) => [gradientName(tensor), elementCount(dims)]),
        ),
      };
      const mapped = await run(trainingGraph(config, SHAPE, { method, frozen: halves }), inputs, sizes);
      const inMemory = await run(trainingGraph(config, SHAPE, { method, frozen: numbers }), inputs, sizes);
      for (const output of Object.keys(sizes)) {
        expect(relativeError(mapped[output], inMemory[output]), output).toBeLessThan(1e-5);
      }
    },
  );
});

/** A float32's bits as the float16 below it; the fixtures hold neither tiny nor huge numbers. */
function halfOf(bits: number): number {
  const exponent = ((bits >>> 23) & 0xff) - 112;
  return ((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 0x3ff));
}

describe('LoRA with dropout', () => {
  const config = configOf('qwen3');
  const settings: LoraSettings = { rank: 2, alpha: 3, dropout: 0.4, targets: LORA_TARGETS };
  const method: TrainingMethod = { kind: 'lora', ...settings };
  const random = seededRandom(6);
  const frozen = heldWeights(
    config,
    new Map(
      parameterSpecs(config).map(({ name, dims }) => [
        name,
        Float32Array.from(normals(random, elementCount(dims)), (value) => 0.3 * value),
      ]),
    ),
  );
  const inputs: Record<string, Float64Array | Int32Array> = {
    [TENSOR.ids]: Int32Array.from({ length: ROWS }, () => random.int(0, config.vocab_size - 1)),
    [TENSOR.signs]: Float64Array.from({ length: ROWS }, () => 2 * random.float() - 1),
    [TENSOR.weights]: Float64Array.from({ length: ROWS }, () => 1 / ROWS),
    [TENSOR.dropoutSeed]: Int32Array.of(12345),
    ...Object.fromEntries(
      trainedSpecs(config, method).map(({ name, dims }) => [
        name,
        normals(random, elementCount(dims)).map((value) => 0.3 * value),
      ]),
    ),
  };
  const sizes = {
    [TENSOR.loss]: 1,
    ...Object.fromEntries(
      trainedSpecs(config, method).map(({ name, dims }) => [gradientName(name), elementCount(dims)]),
    ),
  };
  const single = Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => [
      name,
      values instanceof Int32Array ? values : Float32Array.from(values),
    ]),
  );

  it.each([false, true])('has the gradient of its finite differences (recomputed: %s)', async (recompute) => {
    const model = trainingGraph(config, SHAPE, {
      method,
      frozen,
      recompute,
      floatType: 'float64',
      target: 'portable',
    });
    const { session } = await createSession(model, { device: 'cpu', threads: 1 });
    const slopes = Object.fromEntries(
      Object.entries(sizes).map(([name, size]) => [name, new Float64Array(size)]),
    );
    await session.run(inputs, slopes);
    const loss = new Float64Array(1);
    const evaluate = async (): Promise<number> => {
      await session.run(inputs, { [TENSOR.loss]: loss });
      return loss[0];
    };
    const draw = seededRandom(9);
    for (const { name } of trainedSpecs(config, method)) {
      const values = inputs[name];
      if (!(values instanceof Float64Array)) throw new Error(`${name} is not double.`);
      const indices = Array.from({ length: 4 }, () => draw.int(0, values.length - 1));
      const expected = await centralDifferences(values, evaluate, indices);
      const actual = indices.map((index) => slopes[gradientName(name)][index]);
      expect(relativeError(actual, expected), name).toBeLessThan(1e-6);
    }
    await session.release();
  });

  it('drops the same for the same number, whatever the threads, and other elements for another', async () => {
    const model = trainingGraph(config, SHAPE, { method, frozen });
    const first = await run(model, single, sizes);
    expect(await run(model, single, sizes)).toEqual(first);
    expect(await run(model, single, sizes, 2)).toEqual(first);
    const other = await run(model, { ...single, [TENSOR.dropoutSeed]: Int32Array.of(12346) }, sizes);
    expect(other[TENSOR.loss]).not.toEqual(first[TENSOR.loss]);
  });

  it('drops nothing in evaluation', async () => {
    const rest = Object.fromEntries(Object.entries(single).filter(([name]) => name !== TENSOR.dropoutSeed));
    const without: TrainingMethod = { ...method, dropout: 0 };
    const dropped = await run(evaluationGraph(config, SHAPE, { method, frozen }), rest, { [TENSOR.loss]: 1 });
    const plain = await run(evaluationGraph(config, SHAPE, { method: without, frozen }), rest, {
      [TENSOR.loss]: 1,
    });
    expect(dropped).toEqual(plain);
  });
});

describe('initialTrained', () => {
  const config = configOf('llama-biased');
  const method: TrainingMethod = {
    kind: 'lora',
    rank: 2,
    alpha: 2,
    dropout: 0,
    targets: ['q_proj', 'down_proj'],
  };
  const weights = heldWeights(config, initialParameters(config, 1));

  it('draws A by the seed, leaves B at zero and takes the head', async () => {
    const one = await initialTrained(config, method, weights, 1);
    expect([...one.keys()]).toEqual(trainedSpecs(config, method).map(({ name }) => name));
    expect(await initialTrained(config, method, weights, 1)).toEqual(one);
    expect(await initialTrained(config, method, weights, 2)).not.toEqual(one);
    for (const [name, values] of one) {
      if (name.endsWith('lora_A.weight')) expect(values.every((value) => value !== 0)).toBe(true);
      if (name.endsWith('lora_B.weight')) expect(values.every((value) => value === 0)).toBe(true);
    }
    expect(one.get(HEAD)).toEqual(weights.get(HEAD)?.values);
    expect(one.get(HEAD)).not.toBe(weights.get(HEAD)?.values);
  });

  it('takes every weight where all are trained', async () => {
    const all = await initialTrained(config, { kind: 'full' }, weights, 1);
    expect(all).toEqual(new Map([...weights].map(([name, { values }]) => [name, values])));
  });

  it('names the weight that is missing', async () => {
    const without = new Map(weights);
    without.delete(HEAD);
    await expect(initialTrained(config, method, without, 1)).rejects.toThrow(
      'The weight score.weight is missing',
    );
  });
});
