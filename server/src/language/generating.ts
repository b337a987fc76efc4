// `prm/generateData`, `prm/estimateData`, `prm/listServerModels`: training data made by `prm generate` and `prm label`, each
// as a process of its own.
import path from 'node:path';
import { z } from 'zod';
import { LAYOUTS } from '../../../protocol/src/datasets.ts';
import {
  ASKING_LABEL_METHODS,
  ESTIMATE_DATA,
  GENERATE_DATA,
  GENERATION_METHODS,
  LABEL_METHOD_NAMES,
  LIST_SERVER_MODELS,
  type GenerateDataParams,
  type ModelServerParams,
} from '../../../protocol/src/generation.ts';
import { listModels } from '../generation/sampling/listModels.ts';
import { endpointOf, keyFrom, keyIn } from '../generation/sampling/serverAddress.ts';
import { PrmError } from '../support/errors.ts';
import type { ToldProgress } from '../support/toldProgress.ts';
import { resolveDataset } from './datasetPath.ts';
import { ActionableError, failureOf, requireTrust } from './failures.ts';
import { costSchemas, resultSchemas } from './generationAnswers.ts';
import { withReport } from './reporting.ts';
import { runCli, type CliHooks } from './runCli.ts';
import type { Workplace } from './workplace.ts';

/** A list of models comes at once, or not; milliseconds. */
const LIST_PATIENCE = 10_000;
/** What progress is called while a model is asked: reading comes before it. */
const ASKING = { corrupt: 'Corrupting', sample: 'Sampling', label: 'Labelling' } as const;

const count = z.int().positive();
const generateParams: z.ZodType<GenerateDataParams> = z
  .object({
    method: z.enum(GENERATION_METHODS),
    dataset: z.string().min(1),
    outputDir: z.string().min(1),
    layout: z.enum(LAYOUTS).exactOptional(),
    count: count.exactOptional(),
    limit: count.exactOptional(),
    seed: z.int().min(0).exactOptional(),
    strategies: z.array(z.string().min(1)).min(1).exactOptional(),
    by: z.enum(LABEL_METHOD_NAMES).exactOptional(),
    server: z.string().min(1).exactOptional(),
    model: z.string().min(1).exactOptional(),
    key: z.string().exactOptional(),
    budgetTokens: count.exactOptional(),
    forceRegenerate: z.boolean().exactOptional(),
    overwrite: z.boolean().exactOptional(),
    workDoneToken: z.union([z.string(), z.number()]).exactOptional(),
  })
  .refine(({ method, by }) => method !== 'label' || by !== undefined, {
    path: ['by'],
    message: 'a way of labelling is needed',
  });

const serverParams: z.ZodType<ModelServerParams> = z.object({
  server: z.string().min(1),
  key: z.string().exactOptional(),
});

export function serveGenerating(workplace: Workplace): void {
  workplace.onRequest(GENERATE_DATA, generateParams, async (params, signal) => {
    requireTrust(workplace.trusted, 'Making training data');
    const options = await optionsOf(workplace, params);
    return withReport(
      workplace,
      { title: ASKING[params.method], longPart: ASKING[params.method] },
      params,
      (onProgress) => generate(workplace, params, options, { signal, onProgress }),
    );
  });

  workplace.onRequest(ESTIMATE_DATA, generateParams, async (params, signal) => {
    requireTrust(workplace.trusted, 'Making training data');
    const { method } = params;
    if (method === 'corrupt') return { answers: 0, cached: 0, completionTokens: 0 };
    const options = await optionsOf(workplace, params);
    return withReport(workplace, { title: 'Estimating' }, params, (onProgress) =>
      runCli(workplace, [...options, '--dry-run'], costSchemas[method], { signal, onProgress }),
    );
  });

  workplace.onRequest(LIST_SERVER_MODELS, serverParams, async ({ server, key }, signal) => {
    requireTrust(workplace.trusted, 'Asking a model server');
    const models = await listModels({
      address: server,
      key: key ?? keyIn(process.env),
      patience: LIST_PATIENCE,
      signal,
    });
    return { models };
  });
}

async function generate(
  workplace: Workplace,
  params: GenerateDataParams,
  options: readonly string[],
  hooks: CliHooks,
) {
  const { method, key } = params;
  let hasAnswers = false;
  const onProgress = (progress: ToldProgress): void => {
    if (progress.title === ASKING[method] && progress.done > 0) hasAnswers = true;
    hooks.onProgress?.(progress);
  };
  const environment = key === undefined ? {} : { PRM_API_KEY: key };
  try {
    return await runCli(workplace, options, resultSchemas[method], { ...hooks, onProgress, environment });
  } catch (error) {
    // Whoever runs it again pays for what is missing only, and is told so.
    if (!(error instanceof PrmError) || !hasAnswers || !asksModel(params)) throw error;
    const failure = failureOf(error);
    throw new ActionableError({
      ...failure,
      remedy: withKept(failure.remedy),
      actions: [...failure.actions, 'goOn'],
    });
  }
}

const KEPT = 'What was paid for is kept; the same command goes on from there.';

/** Some remedies of the command say it themselves. */
function withKept(remedy: string | undefined): string {
  if (remedy === undefined) return KEPT;
  return remedy.includes('is kept') ? remedy : `${remedy} ${KEPT}`;
}

function asksModel({ method, by }: GenerateDataParams): boolean {
  return method === 'sample' || (by !== undefined && ASKING_LABEL_METHODS.includes(by));
}

/** As they are typed, one argument each: a value that begins with a dash is a value. The key is none of them. */
async function optionsOf(workplace: Workplace, params: GenerateDataParams): Promise<string[]> {
  const { method, by, limit, layout, seed, strategies, budgetTokens } = params;
  const asks = asksModel(params);
  if (asks) checkServer(params);
  const command = {
    corrupt: ['generate', 'corrupt'],
    sample: ['generate', 'sample'],
    label: ['label', `--by=${by}`],
  }[method];
  const limitOption = method === 'sample' ? '--max-problems' : '--max-examples';
  return [
    ...command,
    await resolveDataset(workplace, params.dataset),
    `--output-dir=${outputFolder(workplace, params.outputDir)}`,
    ...countOption(params),
    ...(limit === undefined ? [] : [`${limitOption}=${limit}`]),
    ...(layout === undefined ? [] : [`--layout=${layout}`]),
    ...(seed === undefined ? [] : [`--seed=${seed}`]),
    ...(method === 'corrupt' && strategies !== undefined ? [`--strategies=${strategies.join(',')}`] : []),
    ...(asks ? [`--server=${params.server}`, `--model=${params.model}`] : []),
    ...(asks && budgetTokens !== undefined ? [`--budget-tokens=${budgetTokens}`] : []),
    ...(asks && params.forceRegenerate === true ? ['--force-regenerate'] : []),
    ...(params.overwrite === true ? ['--overwrite'] : []),
  ];
}

function countOption({ method, by, count: wanted }: GenerateDataParams): string[] {
  if (wanted === undefined) return [];
  switch (method) {
    case 'corrupt':
      return [`--num-incorrect-per-problem=${wanted}`];
    case 'sample':
      return [`--num-samples-per-problem=${wanted}`];
    case 'label':
      if (by === 'judge') return [`--votes=${wanted}`];
      return by === 'rollouts' || by === 'consensus' ? [`--rollouts=${wanted}`] : [];
  }
}

/** Before a process is started with them, whose options are logged: an address may hold a secret. */
function checkServer({ server, model, key }: GenerateDataParams): void {
  if (server === undefined || model === undefined) {
    throw new PrmError({
      what: 'no model is named to ask',
      remedy: 'Name a model server and one of its models.',
    });
  }
  endpointOf(server, '');
  keyFrom(key);
}

function outputFolder(workplace: Workplace, given: string): string {
  if (workplace.folders.length === 0 && !path.isAbsolute(given) && !given.startsWith('~')) {
    throw new PrmError({
      where: given,
      what: 'no folder is open that this path could start from',
      remedy: 'Open a folder, or give an absolute path.',
    });
  }
  return workplace.resolvePath(given);
}
