// What `prm generate sample` costs beside the model: a server that answers at once, 10,000 samples of GSM8K's problems, asked for and
// kept, then the same command again, which must ask for nothing; beside bare requests (samplePlainLoop.ts). Whole processes, medians.
// `npm run bench sampling`; BENCH_ROUNDS is the number of rounds (3).
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import esbuild from 'esbuild';
import { ROOT } from '../scripts/lib/paths.ts';
import { TestChatServer, type ChatAnswer } from '../test/support/testChatServer.ts';
import { measureProcess, median, printFigures, type Figures } from './processFigures.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const PROBLEMS = 2500;
const SAMPLES = 4;
const AT_ONCE = 16;

/** Some 250 tokens of solution, in pieces of a few tokens each, as a model server streams them. */
const atOnce: ChatAnswer = ({ seed }, response) => {
  const line = `We take the number of the day before and add ${seed} to it, which gives us what was asked for.\n`;
  const pieces = Array.from({ length: 50 }, (_, piece) =>
    line.slice((7 * piece) % 80, ((7 * piece) % 80) + 14),
  );
  pieces.push(`\n#### ${seed}`);
  const events = pieces.map((content) => ({
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  }));
  const end = {
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 250 },
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(
    [...events, end].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n',
  );
};

const folder = await mkdtemp(path.join(tmpdir(), 'bench-sampling-'));
const server = new TestChatServer();
server.answer = atOnce;
await server.start();
try {
  const source = path.join(folder, 'train.jsonl');
  await writeFile(source, gunzipSync(await readFile(path.join(ROOT, 'test/fixtures/gsm8k/train.jsonl.gz'))));
  const plainLoop = path.join(folder, 'plainLoop.mjs');
  await esbuild.build({
    entryPoints: [path.join(import.meta.dirname, 'samplePlainLoop.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: plainLoop,
    logLevel: 'warning',
  });
  const cache = path.join(folder, 'cache');
  const sample = () =>
    measureProcess(path.join(ROOT, 'dist/server/commandLine.cjs'), [
      ...['generate', 'sample', source, '--server', server.address, '--model', 'bench'],
      ...['--max-problems', String(PROBLEMS), '--num-samples-per-problem', String(SAMPLES)],
      ...['--concurrency', String(AT_ONCE), '--cache-dir', cache],
      ...['--output-dir', path.join(folder, 'out'), '--overwrite'],
    ]);
  const plain = () =>
    measureProcess(plainLoop, [
      ...[source, path.join(folder, 'plain.jsonl'), server.address],
      ...[PROBLEMS, SAMPLES, AT_ONCE].map(String),
    ]);
  const first: Figures[] = [];
  const second: Figures[] = [];
  const bare: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    await rm(cache, { recursive: true, force: true });
    server.calls = [];
    first.push(await sample());
    expectCalls(PROBLEMS * SAMPLES);
    server.calls = [];
    second.push(await sample());
    expectCalls(0);
    bare.push(await plain());
  }
  printFigures('asked and kept', first);
  printFigures('again, from the cache', second);
  printFigures('bare requests', bare);
  const of = (figures: Figures[]) => median(figures.map(({ wallSeconds }) => wallSeconds));
  console.log(`${'samples a second'.padEnd(24)} ${((PROBLEMS * SAMPLES) / of(first)).toFixed(0)}`);
  console.log(`${'ratio to bare requests'.padEnd(24)} ${(of(first) / of(bare)).toFixed(2)}`);
} finally {
  await server.close();
  await rm(folder, { recursive: true });
}

/** A benchmark of something else would be none. */
function expectCalls(wanted: number): void {
  if (server.calls.length !== wanted)
    throw new Error(`${server.calls.length} requests in place of ${wanted}.`);
}
