// What a model of `prm train` is worth: held-out problems of a stepwise dataset, and finding the first wrong step.
// `npm run bench quality`, or one run by hand: `npx tsx bench/quality.bench.ts`. Settings are environment variables:
//   BENCH_DATASET      stepwise Parquet or JSONL to train on (the bundled sample)
//   BENCH_ROWS         its rows to use (4000), trained for one epoch
//   BENCH_MODEL        a model or run folder to measure instead of training one
//   BENCH_EXAMPLES     formatted examples (prm_val.jsonl) to measure it on
//   BENCH_FIRST_ERROR  wrong solutions in ProcessBench's layout, such as MR-GSM8K's
//   BENCH_SOLUTIONS    correct solutions in GSM8K's layout (question, answer), to be left unflagged
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readTraces } from '../server/src/datasets/formattedTraces.ts';
import type { Trace } from '../server/src/datasets/trace.ts';
import {
  firstErrorReport,
  readFirstErrorCases,
  type FirstErrorCase,
} from '../server/src/evaluation/processBench.ts';
import { evaluateTraces, type PathScorer } from '../server/src/evaluation/scoredTraces.ts';
import { Scorer } from '../server/src/scoring/scorer.ts';
import { train } from '../server/src/training/train.ts';
import { describeData, describeEvaluation, finalTable } from '../server/src/training/trainText.ts';
import { ROOT } from '../scripts/lib/paths.ts';

const { BENCH_DATASET, BENCH_ROWS, BENCH_MODEL, BENCH_EXAMPLES, BENCH_FIRST_ERROR, BENCH_SOLUTIONS } =
  process.env;

const scratch = await mkdtemp(path.join(tmpdir(), 'prm-quality-'));
try {
  const model = BENCH_MODEL ?? (await trainOne());
  const scorer = await Scorer.load(model, { device: 'auto' });
  if (BENCH_EXAMPLES !== undefined) await measureSteps(scorer, BENCH_EXAMPLES);
  if (BENCH_FIRST_ERROR !== undefined) await findFirstErrors(scorer, BENCH_FIRST_ERROR);
  else console.log('\nSet BENCH_FIRST_ERROR (and BENCH_SOLUTIONS) to measure how first errors are found.');
  await scorer.dispose();
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Trains with the defaults of `prm train` for one epoch; returns the run folder. */
async function trainOne(): Promise<string> {
  const started = performance.now();
  let trainedTokens = 0;
  const outcome = await train(
    {
      dataset: BENCH_DATASET ?? path.join(ROOT, 'samples/gsm8k-stepwise-sample.parquet'),
      output_dir: path.join(scratch, 'run'),
      max_examples: Number(BENCH_ROWS ?? 4000),
      num_epochs: 1,
    },
    {
      onData: ({ train: counts, validation }) => {
        trainedTokens = counts.tokens;
        console.log(describeData('training', counts));
        console.log(describeData('validation', validation));
      },
      onEvent: (event) => {
        if (event.type === 'evaluation') console.log(describeEvaluation(event));
      },
    },
  );
  const seconds = (performance.now() - started) / 1000;
  console.log(`\n${finalTable(outcome)}`);
  console.log(
    `${trainedTokens.toLocaleString('en-US')} tokens trained on, ${seconds.toFixed(0)} s in all (formatting and evaluations too)`,
  );
  return outcome.folder;
}

async function measureSteps(scorer: Scorer, examples: string): Promise<void> {
  const traces: Trace[] = [];
  for await (const trace of readTraces(examples)) traces.push(trace);
  const metrics = await evaluateTraces(traces, scores(scorer), { threshold: scorer.loaded.threshold });
  console.log(`\nSteps of ${examples}:`, metrics);
}

function scores(scorer: Scorer): PathScorer {
  return async (solution) => (await scorer.score(solution)).scores;
}

async function findFirstErrors(scorer: Scorer, wrongSolutions: string): Promise<void> {
  const cases: FirstErrorCase[] = await readFirstErrorCases(wrongSolutions);
  if (BENCH_SOLUTIONS !== undefined) cases.push(...goldSolutions(BENCH_SOLUTIONS));
  const started = performance.now();
  const { erroneous, correct, f1 } = await firstErrorReport(cases, scores(scorer), {
    threshold: scorer.loaded.threshold,
  });
  const percent = (rate: number | null): string => (rate === null ? 'n/a' : `${(100 * rate).toFixed(1)} %`);
  console.log(`\nFirst errors found by ${scorer.loaded.name}:`);
  console.log(
    `wrong solutions     ${percent(erroneous.accuracy)} (${erroneous.right} of ${erroneous.count})`,
  );
  console.log(`correct solutions   ${percent(correct.accuracy)} (${correct.right} of ${correct.count})`);
  console.log(`F1 (ProcessBench)   ${percent(f1)}`);
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** GSM8K's own answers, line by line: correct solutions. */
function goldSolutions(file: string): FirstErrorCase[] {
  const schema = z.object({ question: z.string(), answer: z.string() });
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)))
    .map(({ question, answer }) => ({
      problem: question,
      steps: answer.split('\n').filter((step) => step.trim() !== ''),
      label: -1,
    }));
}
