// `prm generate sample` against the real server: what it writes, what it asks for, and what it does when it is stopped.
import { setTimeout as wait } from 'node:timers/promises';
import { check } from '../lib/checkList.ts';
import type { LlamaServer, ServerCounts } from './llamaServer.ts';
import type { PrmRuns, SampleReport, SampleRow } from './prmRuns.ts';
import { askDirectly } from './serverChecks.ts';

/** Problems in the file, and samples of each. */
const PROBLEMS = 8;
const SAMPLES = 4;
const MAX_TOKENS = 192;
/** Most that the server may go on after nobody listens any more, milliseconds. */
const LINGERS = 5000;
const CONCURRENCY = 8;

/** A file of problems, and the folder of a cache. */
export interface Place {
  problems: string;
  cache: string;
}

/** What the server counted while something was done. */
export async function counted<T>(
  server: LlamaServer,
  work: () => Promise<T>,
): Promise<{ result: T; asked: ServerCounts }> {
  const before = await server.counts();
  const result = await work();
  const after = await server.counts();
  const difference = (name: keyof ServerCounts): number => after[name] - before[name];
  return {
    result,
    asked: {
      requests: difference('requests'),
      samples: difference('samples'),
      promptTokens: difference('promptTokens'),
      completionTokens: difference('completionTokens'),
    },
  };
}

/** The main run and the second one. @returns their reports, for the table */
export async function checkRuns(
  prm: PrmRuns,
  server: LlamaServer,
  { problems, cache }: Place,
): Promise<{ first: SampleReport; second: SampleReport }> {
  const options = ['--max-tokens', String(MAX_TOKENS), '--cache-dir', cache];
  const { result: first, asked } = await counted(server, () => prm.sample(problems, 'first', options));
  const { counts } = first;
  check(first.samples === PROBLEMS * SAMPLES, `${first.samples} samples of ${PROBLEMS} problems`);
  check(
    counts.requests === asked.requests,
    `${asked.requests} requests, as many as llama.cpp's log has: ${counts.requests}`,
  );
  check(
    counts.promptTokens === asked.promptTokens && counts.completionTokens === asked.completionTokens,
    `${counts.promptTokens} tokens read and ${counts.completionTokens} written, llama.cpp: ` +
      `${asked.promptTokens} and ${asked.completionTokens}`,
  );
  const rows = prm.rows(first);
  check(
    rows.every(
      ({ completions }) => completions.length > 0 && completions.every((step) => step.trim() !== ''),
    ),
    'every sample has steps, and every step has text',
  );
  const texts = new Set(rows.map(({ prompt, completions }) => `${prompt}\n${completions.join('\n')}`));
  check(texts.size >= rows.length - 2, `${texts.size} of ${rows.length} samples differ from each other`);

  const again = await counted(server, () => prm.sample(problems, 'second', options));
  check(
    again.asked.requests === 0 && again.result.counts.cached === first.samples,
    `a second run asks for ${again.asked.requests} samples and takes ${again.result.seconds.toFixed(1)} s`,
  );
  check(prm.read(first.file) === prm.read(again.result.file), 'and writes the same file');
  return { first, second: again.result };
}

/** One request at a time, so that no other one changes the rounding: word by word what the server says. */
export async function checkTexts(prm: PrmRuns, server: LlamaServer, { problems }: Place): Promise<void> {
  const report = await prm.sample(problems, 'alone', [
    ...['--max-problems', '2', '--num-samples-per-problem', '2', '--concurrency', '1'],
    ...['--max-tokens', '160', '--cache-dir', 'alone-cache', '--instruction', 'Solve the problem.'],
  ]);
  let [same, finishes] = [0, 0];
  const rows = prm.rows(report);
  for (const row of rows) {
    const direct = await askDirectly(server, {
      messages: [
        { role: 'system', content: 'Solve the problem.' },
        { role: 'user', content: row.prompt },
      ],
      ...{ temperature: 0.7, top_p: 1, max_tokens: 160, seed: row.seed },
    });
    if (withoutSpace(row.completions.join('\n')) === withoutSpace(direct.text)) same++;
    if (row.finish_reason === direct.finish) finishes++;
  }
  check(
    same === rows.length,
    `${same} of ${rows.length} samples are word by word the server's direct answers`,
  );
  check(finishes === rows.length, `${finishes} of ${rows.length} ended for the same reason`);
}

/** Killed half-way, without a word; then the same command again. */
export async function checkKill(prm: PrmRuns, server: LlamaServer, { problems }: Place): Promise<void> {
  const options = ['--max-tokens', '64', '--cache-dir', 'killed-cache'];
  const wanted = PROBLEMS * SAMPLES;
  const before = (await server.counts()).requests;
  const killed = await prm.run(prm.sampleCommand(problems, 'killed', options), (child) => {
    if (server.requests - before >= wanted / 2) child.kill('SIGKILL');
  });
  check(killed.status === null, 'a run was killed half-way (SIGKILL)');
  await checkIdle(server, 'after the kill');
  const begun = server.requests - before;
  const { result, asked } = await counted(server, () => prm.sample(problems, 'killed', options));
  const { cached } = result.counts;
  check(
    result.samples === wanted && asked.requests === wanted - cached,
    `the same command asks for the ${asked.requests} that are missing; ${cached} were kept`,
  );
  check(
    begun - cached <= CONCURRENCY,
    `${begun} had been asked for before: only what was under way (${begun - cached}) is asked for again`,
  );
}

/** Ctrl-C. */
export async function checkCancel(prm: PrmRuns, server: LlamaServer, { problems }: Place): Promise<void> {
  const options = ['--max-tokens', '512', '--cache-dir', 'stopped-cache'];
  const before = server.requests;
  let sent = false;
  const stopped = await prm.run(prm.sampleCommand(problems, 'stopped', options), (child) => {
    if (sent || server.requests - before < 2) return;
    sent = true;
    child.kill('SIGINT');
  });
  check(stopped.status === 130, `Ctrl-C ends with status ${stopped.status}: ${stopped.stderr.trim()}`);
  await checkIdle(server, 'after Ctrl-C');
}

async function checkIdle(server: LlamaServer, when: string): Promise<void> {
  const idle = await server.idleAfter(LINGERS);
  check(
    idle !== undefined,
    idle === undefined
      ? `the server still generates ${LINGERS / 1000} s ${when}`
      : `no generation runs at the server ${Math.round(idle)} ms ${when}`,
  );
  // Its log comes through a pipe.
  await wait(100);
}

export async function checkSettings(
  prm: PrmRuns,
  server: LlamaServer,
  { problems, cache }: Place,
): Promise<void> {
  const few = ['--max-tokens', '48', '--max-problems', '4', '--cache-dir', cache];
  const stopped = await prm.sample(problems, 'stop', [...few, '--stop', '\n']);
  const oneLine = ({ completions, finish_reason }: SampleRow): boolean =>
    completions.length === 1 && (finish_reason === 'stop' || finish_reason === 'length');
  check(prm.rows(stopped).every(oneLine), 'with a line break as stop word every sample is one line');
  check(stopped.counts.cached === 0, 'and other settings are other cache entries');

  const together = await counted(server, () =>
    prm.sample(problems, 'together', [...few, '--samples-per-request', String(SAMPLES), '--seed', '7']),
  );
  const { result, asked } = together;
  check(
    asked.requests === 4 && asked.samples === 4 * SAMPLES && result.samples === 4 * SAMPLES,
    `${result.samples} samples with ${asked.requests} requests of ${SAMPLES}; llama.cpp made ${asked.samples}`,
  );
  check(
    result.counts.completionTokens === asked.completionTokens,
    `${result.counts.completionTokens} tokens written, llama.cpp: ${asked.completionTokens}`,
  );
  const distinct = new Set(prm.rows(result).map(({ completions }) => completions.join('\n')));
  check(distinct.size > 3 * SAMPLES, `${distinct.size} different texts among them`);
}

/** One problem that is too long for the model, between two that are not. */
export async function checkOverflow(prm: PrmRuns, problems: string): Promise<void> {
  const report = await prm.sample(problems, 'overflow', [
    ...['--max-tokens', '16', '--num-samples-per-problem', '1', '--cache-dir', 'overflow-cache'],
  ]);
  const [missing] = report.missing;
  check(
    report.samples === 2 && report.missing.length === 1 && missing?.samples === 1,
    `a problem longer than the context is told, the others are sampled: ${missing?.reason ?? 'nothing was said'}`,
  );
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}
