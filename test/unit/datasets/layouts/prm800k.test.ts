// PRM800K raw, on the published rows: main paths, alternatives, people's own steps, screening rows.
import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../../server/src/datasets/layouts/layout.ts';
import { fixture, labelCounts, mainPath, read, readRow, signs } from './reading.ts';

const rows = fixture('prm800k/raw-6-rows.jsonl');
const row = (index: number): Fields => rows[index] ?? expect.fail('no such row');

const completion = (text: string, rating: unknown, flagged: unknown = null): Fields => ({
  text,
  rating,
  flagged,
});
const made = (steps: unknown, more: Fields = {}): Fields => ({
  question: { problem: 'P', ground_truth_answer: '1', ...more },
  label: { steps },
});

describe('prm800k', () => {
  it('follows what was chosen, and what a person wrote instead, which is correct', () => {
    const { problem, answer, traces } = readRow('prm800k', row(0));
    expect(problem).toMatch(/^Three pencils and a jumbo eraser cost/);
    expect(answer).toBe('29');
    const [main] = traces;
    expect(main?.steps.map(({ text }) => text).slice(1, 3)).toEqual([
      'We have $3p+e=1.24$ and $5p+e=1.82$.',
      "To solve this system, let's subtract the first equation from the second equation. This will eliminate e.",
    ]);
    expect(main?.steps.at(-1)?.text).toBe('That means a pencil costs 29 cents.\n\n# Answer\n\n29');
    expect(main && signs(main)).toBe('++++++');
    // Five bad completions at the second step, four others at the last.
    expect(traces.slice(1).map((trace) => `${trace.alternativeAt} ${signs(trace)}`)).toEqual([
      ...Array<string>(5).fill('1 .-'),
      '5 .....0',
      ...Array<string>(3).fill('5 .....+'),
    ]);
  });

  it('ends a solution that went wrong with the step of its own', () => {
    const main = mainPath('prm800k', row(1));
    expect(signs(main)).toBe('+0++++-');
    expect(main.steps.at(-1)?.text).toMatch(
      /^For the Democrats, there are 5! ways to order them in a line, but only/,
    );
    expect(readRow('prm800k', row(1)).traces.slice(1).map(signs)).toEqual(Array<string>(3).fill('......+'));
  });

  it('takes the step of the solution that was rated, wherever it stands among the completions', () => {
    const steps = [{ completions: [completion('other', 1), completion('own', -1)], chosen_completion: null }];
    const { traces } = readRow('prm800k', made(steps, { pre_generated_steps: ['own'] }));
    expect(traces.map(({ steps: [step] }) => step)).toEqual([
      { text: 'own', label: 'incorrect' },
      { text: 'other', label: 'correct' },
    ]);
  });

  it('ends where the labeler gave up', () => {
    const main = mainPath('prm800k', row(4));
    expect(main.steps).toHaveLength(8);
    expect(main.steps.at(-1)?.text).toMatch(/^By symmetry/);
    expect(signs(main)).toBe('++++++++');
  });

  it('reads every published row', () => {
    expect(labelCounts('prm800k', rows)).toEqual({
      traces: 36,
      correct: 57,
      incorrect: 15,
      neutral: 3,
      unlabelled: 139,
    });
  });

  it.each([
    ['neutral', '+0++++-'],
    ['correct', '++++++-'],
    ['incorrect', '+-++++-'],
  ] as const)('counts 0 as %s where told', (neutral, labels) => {
    expect(signs(mainPath('prm800k', row(1), { neutral }))).toBe(labels);
  });

  it('leaves out screening and quality-control rows, and alternatives, where told', () => {
    expect(read('prm800k', row(5), { qualityControl: false })).toEqual({
      reason: 'left out: a quality-control or screening row',
    });
    expect(readRow('prm800k', row(5)).traces).toHaveLength(1);
    expect(
      read('prm800k', { ...row(0), is_quality_control_question: true }, { qualityControl: false }),
    ).toHaveProperty('reason');
    expect(read('prm800k', { ...row(0), generation: -1n }, { qualityControl: false })).toHaveProperty(
      'reason',
    );
    expect(readRow('prm800k', row(0), { alternatives: false }).traces).toHaveLength(1);
  });

  it('does not label what a labeler flagged, and leaves out alternatives that nobody rated', () => {
    const steps = [
      { completions: [completion('a', 1, true), completion('b', null)], chosen_completion: 0 },
      { completions: null, human_completion: 'c', chosen_completion: null },
    ];
    const { traces } = readRow('prm800k', made(steps));
    expect(traces.map(signs)).toEqual(['.+']);
  });

  it.each([
    [{ question: { problem: 'P' } }, '`label` is missing', undefined],
    [{ question: 'P', label: { steps: [] } }, '`question` is no object', ['question']],
    [
      { question: { problem: 7 }, label: { steps: [] } },
      '`problem` is neither text nor chat messages',
      ['question', 'problem'],
    ],
    [made('x'), '`label.steps` is no list', ['label', 'steps']],
    [made([]), 'no steps', ['label', 'steps']],
    [made([7]), 'a step is no object', ['label', 'steps', 0]],
    [
      made([{ completions: [completion('a', 1)], chosen_completion: 3 }]),
      '`chosen_completion` is no completion',
      ['label', 'steps', 0, 'chosen_completion'],
    ],
    [
      made([{ completions: [completion('a', 2)], chosen_completion: 0 }]),
      'unknown rating',
      ['label', 'steps', 0, 'completions', 0, 'rating'],
    ],
    [
      made([{ completions: [{ rating: 1 }], chosen_completion: 0 }]),
      'a completion has no text',
      ['label', 'steps', 0, 'completions', 0, 'text'],
    ],
    [
      made([{ completions: [], human_completion: { rating: null } }]),
      '`human_completion` has no text',
      ['label', 'steps', 0, 'human_completion'],
    ],
  ])('says what is wrong and where %#', (fields, reason, place) => {
    expect(read('prm800k', fields)).toMatchObject(place === undefined ? { reason } : { reason, place });
  });
});
