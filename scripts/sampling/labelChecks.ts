// `prm label`, `prm format` and `prm cache` over what the real model wrote.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { check } from '../lib/checkList.ts';
import type { LlamaServer } from './llamaServer.ts';
import type { LabelReport, PrmRuns } from './prmRuns.ts';
import { counted, type Place } from './sampleChecks.ts';

const FEW = '6';

/** @returns the reports, for the table */
export async function checkLabels(
  prm: PrmRuns,
  server: LlamaServer,
  samples: string,
  { cache }: Place,
): Promise<Record<string, LabelReport>> {
  const outcome = await prm.label('outcome', samples, 'by-outcome', []);
  check(outcome.labelled > 0, `by outcome: ${told(outcome)}`);
  const arithmetic = await prm.label('arithmetic', samples, 'by-arithmetic', []);
  check(arithmetic.labelled > 0, `by arithmetic: ${told(arithmetic)}`);

  const cost = ['--max-examples', FEW, '--max-tokens', '64', '--cache-dir', cache];
  const rolled = ['--rollouts', '2', '--search', 'binary', ...cost];
  const { result: rollouts, asked } = await counted(server, () =>
    prm.label('rollouts', samples, 'by-rollouts', rolled),
  );
  check(isComplete(rollouts), `by roll-outs: ${told(rollouts)}`);
  checkCounts(rollouts, asked);
  const again = await counted(server, () =>
    prm.label('rollouts', samples, 'by-rollouts', [...rolled, '--overwrite']),
  );
  check(again.asked.requests === 0, `a second time: ${again.asked.requests} requests`);

  // So small a model seldom keeps to the form of a verdict: then nothing is labelled, and prm says why.
  const judged = await prm.labelling('judge', samples, 'by-judge', ['--votes', '1', ...cost]);
  const isRefused = judged.status === 2 && judged.stderr.includes('no solution could be labelled: ');
  check(judged.status === 0 || isRefused, `by a judge: ended with ${judged.status} ${judged.stderr.trim()}`);
  return { outcome, arithmetic, rollouts };
}

/** So small a model solves few problems and seldom keeps to the form of a verdict; but every solution is labelled or left out. */
function isComplete({ solutions, labelled, without }: LabelReport): boolean {
  const left = without.reduce((sum, one) => sum + one.solutions, 0);
  return solutions === Number(FEW) && labelled + left === solutions;
}

function checkCounts({ counts }: LabelReport, asked: { requests: number; completionTokens: number }): void {
  if (counts === undefined) throw new Error('A method that asks a model reports no counts.');
  const { requests, retried, completionTokens } = counts;
  check(
    requests - retried === asked.requests && completionTokens === asked.completionTokens,
    `${requests} requests (${retried} of them tried again) and ${completionTokens} tokens, llama.cpp: ` +
      `${asked.requests} and ${asked.completionTokens}`,
  );
}

function told({ solutions, labelled, labels, without }: LabelReport): string {
  const reasons = without.map(({ reason, solutions: count }) => `${count} × ${reason}`).join(', ');
  return (
    `${labelled} of ${solutions} solutions; ${labels.correct} steps correct, ${labels.incorrect} incorrect, ` +
    `${labels.unlabelled} without a label${reasons === '' ? '' : ` (${reasons})`}`
  );
}

/** Sampled and labelled data become training data, with corrupted data beside it. */
export async function checkFormat(prm: PrmRuns, labelled: string, problems: string): Promise<void> {
  const corrupt = ['generate', 'corrupt', problems, '--output-dir', 'corrupted'];
  const { status: corrupted } = await prm.run(corrupt);
  const { status, stderr } = await prm.run([
    ...[
      'format',
      '--dataset',
      labelled,
      '--dataset',
      'corrupted/corrupted.jsonl',
      '--weight',
      '1',
      '--weight',
      '1',
    ],
    ...['--output-dir', 'formatted'],
  ]);
  check(
    corrupted === 0 && status === 0,
    `prm format takes labelled samples and corrupted solutions ${stderr}`,
  );
  const lines = prm.read('formatted/prm_train.jsonl').trimEnd().split('\n');
  check(lines.length > 0, `${lines.length} training examples`);
}

const listSchema = z.object({ models: z.array(z.object({ model: z.string(), entries: z.int() })) });

/** The cache names the model; a damaged entry is found, and made again by the one request that it costs. */
export async function checkCache(prm: PrmRuns, server: LlamaServer, { problems }: Place): Promise<void> {
  const options = ['--max-tokens', '16', '--max-problems', '3', '--cache-dir', 'damaged-cache'];
  const { samples } = await prm.sample(problems, 'whole', options);
  const list = await prm.run(['cache', 'list', '--cache-dir', 'damaged-cache', '--json']);
  const [model] = listSchema.parse(JSON.parse(list.stdout)).models;
  check(
    model?.model === server.model && model.entries === samples,
    `prm cache list: ${model?.entries} answers of ${model?.model}`,
  );
  const verified = await prm.run(['cache', 'verify', '--cache-dir', 'damaged-cache']);
  check(verified.status === 0, `prm cache verify: ${verified.stdout.trim()}`);
  damageOne(path.resolve(prm.folder, 'damaged-cache'));
  const { result, asked } = await counted(server, () => prm.sample(problems, 'mended', options));
  check(
    asked.requests === 1 && result.samples === samples,
    `with one entry damaged: ${asked.requests} request, ${result.counts.cached} answers from the cache`,
  );
}

/** Changes the middle of the largest file with content. */
function damageOne(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes('content-v2'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const [file] = files;
  if (file === undefined) throw new Error(`There is no entry in ${folder}.`);
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes.writeUInt8((bytes.readUInt8(middle) + 1) % 256, middle);
  writeFileSync(file, bytes);
}
