// The words of a dry run: what a run would take, and the table of usual models.
import type { DryRun } from './dryRun.ts';
import { aligned, count, describeData, duration } from './trainText.ts';

/** Everything that a dry run found, as lines for a terminal. */
export function describeDryRun(run: DryRun): string {
  const lines = [
    modelLine(run),
    ...(run.data === null
      ? ['data: none named; give --data or --dataset for its time']
      : dataLines(run.data)),
    batchLine(run),
    memoryLine(run),
    timeLine(run),
    '',
    `Models on this machine (${run.device}, ${sizeText(run.table.memory)} of memory to use; ` +
      `${run.table.batch} paths of ${run.table.length} tokens in a step), computed:`,
    '',
  ];
  return `${lines.join('\n')}\n${table(run)}`;
}

function modelLine({ model: { name, parameters, trained } }: DryRun): string {
  const stages = trained.map(
    ({ stage, parameters: own }) =>
      `${stage} trains ${count(own)} (${((100 * own) / parameters).toFixed(2)} %)`,
  );
  return `model: ${name}, ${count(parameters)} parameters; ${stages.join(', then ')}`;
}

function dataLines({ train, validation }: NonNullable<DryRun['data']>): string[] {
  return [
    describeData('training', train),
    ...(validation.paths > 0 ? [describeData('validation', validation)] : []),
  ];
}

function batchLine({ batch: { paths, stepPaths, tokensAtOnce, recompute } }: DryRun): string {
  const parts = [
    `${count(stepPaths)} paths in a step`,
    tokensAtOnce === null ? `${count(paths)} at once` : `at most ${count(tokensAtOnce)} tokens at once`,
    `recomputation ${recompute ? 'on' : 'off'}`,
  ];
  return `batch: ${parts.join(', ')}`;
}

function memoryLine({ memory, device }: DryRun): string {
  if (memory === null) return `memory: not estimated on ${device}; give --max_memory to plan for a size`;
  const { weights, trained, activations, process: own, total } = memory;
  return (
    `memory: about ${sizeText(total)} (frozen weights ${sizeText(weights)}, trained with gradients and moments ` +
    `${sizeText(trained)}, activations ${sizeText(activations)}, the program ${sizeText(own)})`
  );
}

function timeLine({ time, rate, device }: DryRun): string {
  const measured = `${device} multiplies matrices at ${(rate / 1e9).toFixed(0)} GFLOP/s now`;
  if (time === null) return `time: ${measured}`;
  return (
    `time: about ${duration(time.total)} for ${count(time.steps)} steps ` +
    `(evaluations ${duration(time.evaluations)} of it); ${measured}`
  );
}

function table({ table: { rows } }: DryRun): string {
  const cells = rows.map(({ model, parameters, method, leastMemory, plan, secondsPerThousand }) => [
    model,
    method,
    parametersText(parameters),
    sizeText(leastMemory),
    plan === undefined ? 'does not fit' : sizeText(plan.estimate.total),
    plan === undefined ? '' : String(plan.batch),
    plan === undefined ? '' : plan.recompute ? 'on' : 'off',
    secondsPerThousand === undefined ? '' : duration(secondsPerThousand),
  ]);
  const head = [
    'model',
    'method',
    'parameters',
    'least memory',
    'memory',
    'batch',
    'recompute',
    '1,000 paths',
  ];
  return aligned([head, ...cells]);
}

function parametersText(parameters: number): string {
  return parameters < 1e9 ? `${(parameters / 1e6).toFixed(0)} M` : `${(parameters / 1e9).toFixed(1)} B`;
}

function sizeText(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
