// Roll-outs and agreement against a model whose truth is known: labels, shares, and what they cost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consensus } from '../../../../server/src/generation/labelling/consensus.ts';
import type {
  Asker,
  LabelMethod,
  LabelSettings,
  UnlabelledSolution,
} from '../../../../server/src/generation/labelling/labelMethod.ts';
import { rollouts } from '../../../../server/src/generation/labelling/rollouts.ts';
import { chainOf, chainText, type ChainModel } from '../../../support/chainModel.ts';

const SETTINGS: LabelSettings = { rollouts: 4, search: 'binary', votes: 1 };
const SURE: ChainModel = { slips: 0, misjudges: 0 };

/** A model, and how many answers it gave. */
function askerOf(model: ChainModel): Asker & { answers: number } {
  const asker = {
    answers: 0,
    ask: (messages: readonly { content: string }[], count: number) => {
      asker.answers += count;
      const answers = Array.from({ length: count }, (_, seed) => ({
        text: chainText(messages, seed, model),
        finish: 'stop',
      }));
      return Promise.resolve({ answers });
    },
  };
  return asker;
}

async function labelled(
  method: LabelMethod,
  solution: UnlabelledSolution,
  settings: LabelSettings,
  model: ChainModel,
) {
  const asker = askerOf(model);
  const labelling = await method.label(solution, settings, asker);
  expect(asker.answers).toBeLessThanOrEqual(method.cost(solution, settings));
  return { labelling, answers: asker.answers };
}

const chains = fc
  .array(fc.nat(99), { minLength: 2, maxLength: 12 })
  .chain((numbers) =>
    fc.tuple(fc.constant(numbers), fc.option(fc.nat(numbers.length - 1), { nil: undefined })),
  )
  .map(([numbers, wrong]) => chainOf(numbers, wrong));

const searches = fc.constantFrom<LabelSettings['search']>('every', 'binary');

describe('roll-outs and agreement', () => {
  it.each([rollouts, consensus])('$name find the first wrong step, within their cost', (method) =>
    fc.assert(
      fc.asyncProperty(chains, searches, async (solution, search) => {
        const { labelling } = await labelled(method, solution, { ...SETTINGS, search }, SURE);
        if ('without' in labelling) throw new Error(labelling.without);
        const { firstWrong: wrong = Infinity } = solution;
        const isEvery = method === rollouts && search === 'every';
        expect(labelling.labels).toEqual(
          solution.steps.map((_, step) =>
            step < wrong ? 'correct' : step === wrong || isEvery ? 'incorrect' : 'unlabelled',
          ),
        );
      }),
      { numRuns: 200 },
    ),
  );

  it('a solution without a stated answer is tried at its last step too', () =>
    fc.assert(
      fc.asyncProperty(chains, searches, async ({ steps, ...chain }, search) => {
        const solution = { ...chain, steps: steps.slice(0, -1) };
        const { labelling } = await labelled(rollouts, solution, { ...SETTINGS, search }, SURE);
        if ('without' in labelling) throw new Error(labelling.without);
        const wrong = labelling.labels.indexOf('incorrect');
        const { firstWrong = -1 } = chain;
        expect(wrong).toBe(firstWrong === steps.length - 1 ? -1 : firstWrong);
      }),
    ));

  it('shares are those of the continuations', async () => {
    const solution = chainOf([1, 2, 3, 4, 5, 6], 2);
    const settings: LabelSettings = { ...SETTINGS, rollouts: 64, search: 'every' };
    const { labelling } = await labelled(rollouts, solution, settings, { slips: 0.25, misjudges: 0 });
    if ('without' in labelling) throw new Error(labelling.without);
    const [first = 0, second = 0, ...behind] = labelling.estimates ?? [];
    expect(first).toBeCloseTo(0.75, 1);
    expect(second).toBeCloseTo(0.75, 1);
    expect(behind.at(-1)).toBe(0);
  });

  it('where the model cannot solve the problem itself, no step is called wrong', async () => {
    const hopeless: ChainModel = { slips: 1, misjudges: 0 };
    for (const search of ['every', 'binary'] as const) {
      const { labelling } = await labelled(
        rollouts,
        chainOf([1, 2, 3], 0),
        { ...SETTINGS, search },
        hopeless,
      );
      expect(labelling).toEqual({ without: 'a problem that no roll-out solves' });
    }
    const judged = await labelled(consensus, chainOf([1, 2, 3], 0), SETTINGS, hopeless);
    expect(judged.labelling).toEqual({ without: 'a problem that no roll-out solves' });
  });

  it('a right answer, and an agreement, cost little', async () => {
    const long = Array.from({ length: 31 }, (_, number) => number);
    expect((await labelled(rollouts, chainOf(long), SETTINGS, SURE)).answers).toBe(0);
    expect((await labelled(rollouts, chainOf(long, 20), SETTINGS, SURE)).answers).toBe(4 * 5);
    expect((await labelled(consensus, chainOf(long), SETTINGS, SURE)).answers).toBe(1);
    expect((await labelled(consensus, chainOf(long, 20), SETTINGS, SURE)).answers).toBe(1 + 4 * 2);
  });

  it('what a model was cut at is no answer', async () => {
    const cut: Asker = {
      ask: (_, count) =>
        Promise.resolve({
          answers: Array.from({ length: count }, () => ({ text: 'Now 3 + 3 = 6', finish: 'length' })),
        }),
    };
    const solution = { ...chainOf([1, 2, 3]), steps: ['1 + 2 = 3'] };
    expect(await rollouts.label(solution, SETTINGS, cut)).toEqual({
      without: 'a problem that no roll-out solves',
    });
  });

  it('what a model writes behind its answer does not count', async () => {
    const text = 'So 3 + 3 = 6.\n#### 6\n\nProblem: What is 1 + 1?\n#### 2';
    const chatty: Asker = {
      ask: (_, count) =>
        Promise.resolve({ answers: Array.from({ length: count }, () => ({ text, finish: 'length' })) }),
    };
    const solution = { ...chainOf([1, 2, 3]), steps: ['1 + 2 = 3'] };
    expect(await rollouts.label(solution, SETTINGS, chatty)).toMatchObject({ labels: ['correct'] });
  });

  it('a judge that is mistaken is found out', () =>
    fc.assert(
      fc.asyncProperty(chains, searches, async (solution, search) => {
        const model: ChainModel = { slips: 0, misjudges: 1 };
        const { labelling } = await labelled(consensus, solution, { ...SETTINGS, search }, model);
        expect(labelling).toEqual({ without: 'roll-outs and judge that disagree' });
      }),
    ));
});
