// What labelling may cost, before anybody is asked.
import type { LabelMethod } from './labelling/labelMethod.ts';
import type { CompleteLabelOptions } from './labelOptions.ts';
import type { LabelSource, SourceSolution } from './labelSource.ts';
import type { ModelAsker } from './modelAsker.ts';
import { inOrder } from './parallel.ts';

/** At most: what is in the cache costs nothing, and a search may end early. */
export interface LabelCost {
  solutions: number;
  /** Answers of a model: each a request, unless several are asked for at once. A try that fails is one more. */
  requests: number;
  /** Written by the model, if every answer were as long as it may be. */
  completionTokens: number;
  /** Of the requests, those that answers in the cache make needless; missing where nobody has looked. */
  cached?: number;
}

interface Wanted {
  source: LabelSource;
  method: LabelMethod;
  options: CompleteLabelOptions;
  /** Undefined where nobody is asked. */
  asker: ModelAsker | undefined;
  /** Solutions, and the most answers that they cost. */
  total: number;
  answers: number;
}

/** A dry run also looks into the cache: it goes the way of each solution as far as the answers that are there lead. */
export async function estimateCost(
  { source, method, options, asker, total, answers }: Wanted,
  signal: AbortSignal | undefined,
): Promise<LabelCost> {
  const cost = { solutions: total, requests: answers, completionTokens: answers * options.maxTokens };
  if (!options.dryRun || asker === undefined || options.forceRegenerate) return cost;
  let cached = 0;
  const looks = inOrder(source.solutions(), options.concurrency, signal, (solution) =>
    needlessOf(solution, method, options, asker),
  );
  for await (const needless of looks) cached += needless;
  return { ...cost, cached };
}

/** How many of the answers that a solution may cost are there, or not needed because of those that are. */
async function needlessOf(
  solution: SourceSolution,
  method: LabelMethod,
  options: CompleteLabelOptions,
  asker: ModelAsker,
): Promise<number> {
  let found = 0;
  let isComplete = true;
  const kept = asker.kept((known, wanted) => {
    found += known;
    if (known < wanted) isComplete = false;
  });
  await method.label(solution, options, kept);
  return isComplete ? method.cost(solution, options) : found;
}
