// The way of made data, as the README tells it: corrupted, sampled and labelled solutions, formatted together with weights, and trained
// on after stepwise data.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runPrm, type Ended } from '../../support/prm.ts';
import { writeJsonl } from '../../support/stepwise.ts';
import { streamed, TestChatServer, type ChatCall } from '../../support/testChatServer.ts';
import { formatSample, TINY_OPTIONS, trainTiny } from '../../support/tinyTraining.ts';

interface Problem {
  question: string;
  answer: string;
}

/** Real problems, with their worked solutions. */
const PROBLEMS = gunzipSync(readFileSync(path.resolve('test/fixtures/gsm8k/train.jsonl.gz')))
  .toString()
  .split('\n', 10)
  .map((line) => JSON.parse(line) as Problem);

const server = new TestChatServer();
const folder = mkdtempSync(path.join(tmpdir(), 'making-'));
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  writeJsonl(at('train.jsonl'), PROBLEMS);
  server.answer = streamed({ text: modelText });
  await server.start();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** The worked solution; for an odd seed with another answer. Continuations reach the answer where no answer was given before. */
function modelText({ messages, seed }: ChatCall): string {
  const user = messages.at(-1)?.content ?? '';
  const { answer = '' } = PROBLEMS.find(({ question }) => user.includes(question)) ?? {};
  return seed % 2 === 0 || user.includes('First steps') ? answer : `${answer}1`;
}

async function prm(...argv: string[]): Promise<Ended> {
  const ended = await runPrm(argv, { cwd: folder });
  expect(ended).toMatchObject({ status: 0 });
  return ended;
}

const rowsOf = (name: string): Record<string, unknown>[] =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it('corrupted, sampled and labelled data are one training set, which a model that learned stepwise data goes on with', async () => {
  const model = ['--server', server.address, '--model', 'tiny', '--cache_dir', 'cache'];
  await prm('generate', 'corrupt', 'train.jsonl', '--output_dir', 'corrupted');
  await prm(
    'generate',
    'sample',
    'train.jsonl',
    ...model,
    '--num_samples_per_problem',
    '2',
    '--output_dir',
    'sampled',
  );
  await prm('label', 'sampled/samples.jsonl', '--by', 'outcome', '--output_dir', 'labelled');
  const tried = ['--by', 'rollouts', '--rollouts', '1', ...model];
  await prm('label', 'sampled/samples.jsonl', ...tried, '--output_dir', 'tried');
  expect(rowsOf('labelled/labelled.jsonl')).toHaveLength(2 * PROBLEMS.length);
  for (const { labels, completions } of rowsOf('tried/labelled.jsonl')) {
    const steps = completions as string[];
    expect((labels as boolean[]).slice(0, -1).every(Boolean)).toBe(true);
    expect((labels as boolean[]).at(-1)).toBe(
      PROBLEMS.some(({ answer }) => answer.endsWith(steps.at(-1) ?? '')),
    );
  }

  const made = ['corrupted/corrupted.jsonl', 'labelled/labelled.jsonl', 'tried/labelled.jsonl'];
  const weights = ['--weight', '2', '--weight', '1', '--weight', '1'];
  const { stdout } = await prm(
    'format',
    ...made.flatMap((name) => ['--dataset', name]),
    ...weights,
    ...['--val_ratio', '0.2', '--provenance', '--output_dir', 'data/synthetic'],
  );
  for (const [index, name] of made.entries())
    expect(stdout).toContain(`${name} (weight ${index === 0 ? 2 : 1})`);
  const examples = rowsOf('data/synthetic/prm_train.jsonl');
  const from = (name: string) =>
    examples.filter(({ source }) => (source as { dataset: string }).dataset === name);
  const [corrupted, labelled, rolled] = made.map((name) => from(name).length);
  expect(labelled).toBe(rolled);
  expect(corrupted).toBe(2 * (labelled ?? 0));
  expect(examples.filter(({ label }) => label === 1).length).toBe(examples.length / 2);

  const plan = await prm('train', '--data', 'data/synthetic', '--dry_run');
  expect(plan.stdout).toContain(`${examples.length / 2} correct and ${examples.length / 2} incorrect steps`);

  await formatSample(at('data/stepwise'), { rows: 20 });
  const before = await trainTiny({
    ...TINY_OPTIONS,
    data: at('data/stepwise'),
    output_dir: at('pre'),
    num_epochs: 1,
  });
  const after = await trainTiny({
    ...TINY_OPTIONS,
    data: at('data/synthetic'),
    init_from: at('pre/best_model'),
    max_examples: 12,
    output_dir: at('tuned'),
    num_epochs: 1,
  });
  expect([before.outcome.state, after.outcome.state]).toEqual(['done', 'done']);
});
