// The engine of one stage: the model's weights with what the run has learned so far, trained by the stage's method.
import type { Device } from '../../../protocol/src/engine.ts';
import { HEAD, type LoraSettings, type TrainingMethod } from '../models/backbones/method.ts';
import { parameterSpecs } from '../models/backbones/parameters.ts';
import type { Weight, Weights } from '../models/backbones/weight.ts';
import type { ModelDescription, PrmModel } from '../models/modelFolder.ts';
import type { MemoryBudget } from './memoryPlan.ts';
import type { TrainableModel } from './trainableModels.ts';
import { createTrainingEngine, type OptimizerState, type TrainingEngine } from './trainingEngine.ts';

/** Tensors that differ from the model that the run began with, by name. */
export type Learned = ReadonlyMap<string, Float32Array>;

export interface StageEngineOptions {
  model: TrainableModel;
  method: TrainingMethod;
  /** Before the stage, or at the checkpoint that it goes on from. */
  learned: Learned;
  /** Of that checkpoint; left out: the stage begins. */
  optimizer?: OptimizerState | undefined;
  device: Device;
  threads?: number | undefined;
  recompute: boolean;
  memory?: MemoryBudget | undefined;
  seed: number;
  /** Absolute; other runs on the device are told of it. */
  runFolder?: string;
}

export interface StageEngine {
  readonly engine: TrainingEngine;
  /** All that the run has learned, this stage and those before it. */
  learned(): Promise<Learned>;
  /** The model as it is now. */
  prmModel(description: ModelDescription): Promise<PrmModel>;
}

/** @throws PrmError as createTrainingEngine and the model's weights */
export async function openStage(options: StageEngineOptions): Promise<StageEngine> {
  const { model, method, learned, optimizer, seed, threads } = options;
  const base = await model.weights(seed);
  const weights = overlaid(model, base, learned);
  const engine = await createTrainingEngine({
    config: model.config,
    device: options.device,
    ...(threads === undefined ? {} : { threads }),
    method,
    weights,
    seed,
    recompute: options.recompute,
    memory: options.memory,
    ...(options.runFolder === undefined ? {} : { runFolder: options.runFolder }),
  });
  const trained = await engine.parameters();
  // Adapters are no weights of the model: they come in as a state. Everything else is in the weights already.
  const isAdapter = (name: string): boolean => !base.has(name);
  if (optimizer !== undefined || [...trained.keys()].some((name) => isAdapter(name) && learned.has(name))) {
    const parameters = new Map([...trained].map(([name, values]) => [name, learned.get(name) ?? values]));
    await engine.loadState({ parameters, optimizer: optimizer ?? (await engine.optimizerState()) });
  }
  const carried = [...learned].filter(([name]) => !trained.has(name));
  return {
    engine,
    learned: async () => new Map([...carried, ...(await engine.parameters())]),
    prmModel: async (description) => {
      const now = new Map([...carried, ...(await engine.parameters())]);
      const parts = { config: model.config, tokenizerFile: model.tokenizerFile(), description };
      // An adapter or a head goes beside the model that it was trained on; a changed or drawn model stands for itself.
      const isWhole =
        model.base === undefined || [...now.keys()].some((name) => base.has(name) && name !== HEAD);
      if (model.base === undefined || isWhole) {
        return { kind: 'whole', ...parts, weights: overlaid(model, base, now) };
      }
      return { kind: 'adapter', ...parts, base: model.base, settings: loraSettings(method), tensors: now };
    },
  };
}

function loraSettings(method: TrainingMethod): LoraSettings | undefined {
  if (method.kind !== 'lora') return undefined;
  const { rank, alpha, dropout, targets } = method;
  return { rank, alpha, dropout, targets };
}

function overlaid({ config }: TrainableModel, base: Weights, learned: Learned): Weights {
  const weights = new Map<string, Weight>(base);
  for (const { name, dims } of parameterSpecs(config)) {
    const values = learned.get(name);
    if (values !== undefined) weights.set(name, { dims, values });
  }
  return weights;
}
