// `prm/evaluateModel` and `prm/listDevices`: what a model is worth on data, and what this machine computes on.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { DEVICES, type Device } from '../../../protocol/src/engine.ts';
import {
  EVALUATE_MODEL,
  LIST_DEVICES,
  type DeviceList,
  type EvaluatedModel,
  type EvaluateModelParams,
  type WithProgress,
} from '../../../protocol/src/requests.ts';
import { SCORING } from '../evaluation/scoredTraces.ts';
import { metricsSchema } from '../models/modelFiles.ts';
import { PrmError } from '../support/errors.ts';
import { readRunContents } from '../training/runContents.ts';
import { reportSchema } from '../training/runReports.ts';
import { resolveDataset } from './datasetPath.ts';
import { requireTrust } from './failures.ts';
import { withReport } from './reporting.ts';
import { runCli } from './runCli.ts';
import type { Workplace } from './workplace.ts';

const workDoneToken = z.union([z.string(), z.number()]).exactOptional();
const progressParams: z.ZodType<WithProgress> = z.object({ workDoneToken });
const evaluateParams: z.ZodType<EvaluateModelParams> = z.object({
  model: z.string().min(1),
  data: z.string().exactOptional(),
  dataset: z.string().exactOptional(),
  maxExamples: z.int().positive().exactOptional(),
  device: z.enum(DEVICES).exactOptional(),
  workDoneToken,
});

const chosenDevice = z.enum(DEVICES).exclude(['auto']);

/** As `prm devices --json` prints it. */
const deviceListSchema: z.ZodType<DeviceList> = z.object({
  devices: z.array(
    z.object({
      device: chosenDevice,
      works: z.boolean(),
      adapter: z.string().exactOptional(),
      gigaflops: z.number().exactOptional(),
      reason: z.string().exactOptional(),
    }),
  ),
  auto: z.object({ device: chosenDevice, notes: z.array(z.string()) }),
});

/** As `prm evaluate --json` prints it. */
const evaluationSchema: z.ZodType<EvaluatedModel> = z
  .object({
    model: z.object({ name: z.string(), modelFolder: z.string() }),
    data: z.string(),
    threshold: z.number(),
    traces: z.number(),
    metrics: metricsSchema,
    firstError: z.object({ f1: z.number().nullable() }).nullable(),
    report: reportSchema,
    milliseconds: z.number(),
  })
  .transform(({ model, firstError, ...rest }) => ({
    ...rest,
    model: model.name,
    modelFolder: model.modelFolder,
    firstErrorF1: firstError?.f1 ?? null,
  }));

export function serveMeasuring(workplace: Workplace): void {
  workplace.onRequest(EVALUATE_MODEL, evaluateParams, async (params, signal) => {
    requireTrust(workplace.trusted, 'Evaluating');
    const options = await evaluateOptions(workplace, params);
    return withReport(workplace, { title: 'Evaluating', longPart: SCORING }, params, (onProgress) =>
      runCli(workplace, options, evaluationSchema, { signal, onProgress }),
    );
  });

  workplace.onRequest(LIST_DEVICES, progressParams, (params, signal) => {
    requireTrust(workplace.trusted, 'Trying devices');
    return withReport(workplace, { title: 'Trying devices' }, params, () =>
      runCli(workplace, ['devices'], deviceListSchema, { signal }),
    );
  });
}

async function evaluateOptions(workplace: Workplace, params: EvaluateModelParams): Promise<string[]> {
  const model = workplace.resolvePath(params.model);
  const device: Device = params.device ?? (await workplace.readSettings()).device;
  const { dataset, maxExamples } = params;
  return [
    'evaluate',
    // One argument each: a value that begins with a dash is a value.
    `--model=${model}`,
    `--device=${device}`,
    ...(dataset === undefined
      ? [`--data=${params.data === undefined ? await dataOf(model) : workplace.resolvePath(params.data)}`]
      : [`--dataset=${await resolveDataset(workplace, dataset)}`]),
    ...(maxExamples === undefined ? [] : [`--max-examples=${maxExamples}`]),
  ];
}

/** The formatted data that a run was trained and evaluated on: it was given, or lies in the run folder. */
async function dataOf(model: string): Promise<string> {
  for (const run of [model, path.dirname(model)]) {
    const { data } = (await readRunContents(run)).settings;
    if (typeof data === 'string') return data;
    const own = path.join(run, 'data');
    if ((await stat(own).catch(() => undefined)) !== undefined) return own;
  }
  throw new PrmError({
    where: model,
    what: 'It is not known which data this model was evaluated on',
    remedy: 'Name a formatted folder or a dataset.',
  });
}
