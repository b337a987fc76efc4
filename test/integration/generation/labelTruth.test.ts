// Labels of a model on loopback whose truth is known, with slips and mistaken verdicts: what is found is true, and costs no more than said.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '../../../server/src/support/random.ts';
import { chainOf } from '../../support/chainModel.ts';
import { chainServer, LabelRun, unlabelledRow } from '../../support/labelRun.ts';

const random = seededRandom(7);
/** Some right, most wrong somewhere; each problem is another. */
const CHAINS = Array.from({ length: 12 }, (_, number) => {
  const numbers = [number, ...Array.from({ length: random.int(1, 4) }, () => random.int(1, 99))];
  return chainOf(numbers, number % 4 === 0 ? undefined : random.int(0, numbers.length - 1));
});
const TRUTH = CHAINS.map(({ firstWrong }) => firstWrong ?? null);
/** Of four continuations from a right step, one is right but for 1 in 256. */
const MODEL = { slips: 0.25, misjudges: 0.25 };

let run: LabelRun;
beforeEach(async () => {
  run = await LabelRun.start();
  run.server.answer = chainServer(MODEL);
  run.write(CHAINS.map(({ problem, steps, answer }) => unlabelledRow(steps, answer, problem)));
});
afterEach(() => run.end());

it.each([
  ['every step tried', 'every', 1],
  ['a search by halves', 'binary', 1],
  ['a search by halves, several continuations a request', 'binary', 4],
] as const)('%s finds the truth', async (_, search, samplesPerRequest) => {
  const { cost, counts } = await run.label({ by: 'rollouts', rollouts: 4, search, samplesPerRequest });
  expect(run.written.map((row) => row.first_error)).toEqual(TRUTH);
  const samples = (counts?.done ?? 0) - (counts?.cached ?? 0);
  expect(samples).toBeGreaterThan(0);
  expect(samples).toBeLessThanOrEqual(cost.requests);
  expect(counts?.requests).toBe(run.server.calls.length);
  expect(counts?.requests).toBeLessThanOrEqual(samples);
});

it('agreement leaves out what the judge is mistaken in, and keeps only what is true', async () => {
  const { labelled, cost, counts, without } = await run.label({ by: 'consensus', rollouts: 4 });
  expect(labelled).toBeGreaterThan(5);
  expect(labelled).toBeLessThan(CHAINS.length);
  expect(without.map(({ reason }) => reason)).toEqual(['roll-outs and judge that disagree']);
  for (const { source_row: row, first_error: found } of run.written) expect(found).toBe(TRUTH[row - 1]);
  expect(counts?.requests).toBeLessThanOrEqual(cost.requests);
});

it('more votes of a judge are right more often', async () => {
  const truths = async (votes: number): Promise<number> => {
    await run.label({ by: 'judge', votes });
    return run.written.filter(({ source_row: row, first_error: found }) => found === TRUTH[row - 1]).length;
  };
  expect(await truths(5)).toBeGreaterThan(await truths(1));
});
