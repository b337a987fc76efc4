// MATH-APS as a tree and as a flat list of prefixes, on real rows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../../server/src/datasets/layouts/layout.ts';
import { fixture, labelCounts, mainPath, read, readRow, signs } from './reading.ts';

const node = (text: string, value: unknown, children: Fields[] = []): Fields => ({
  text,
  mc_value: value,
  children,
});
const tree = (children: Fields[]): Fields => ({
  question: 'P',
  final_answer: 4,
  question_id: 7,
  reasoning_steps: node('P', 0.5, children),
});

describe('math-aps-tree', () => {
  it('walks every path; each step is labelled once', () => {
    const row = tree([node('a', 0.75, [node('b', 0, []), node('c', 1, [node('d', 1)])]), node('e', 1)]);
    expect(readRow('math-aps-tree', row)).toEqual({
      problem: 'P',
      wrapper: undefined,
      answer: '4',
      id: '7',
      emptySteps: 0,
      traces: [
        {
          problem: 'P',
          steps: [
            { text: 'a', label: 'correct', soft: 0.75 },
            { text: 'c', label: 'correct' },
            { text: 'd', label: 'correct' },
          ],
        },
        {
          problem: 'P',
          steps: [
            { text: 'a', label: 'unlabelled' },
            { text: 'b', label: 'incorrect' },
          ],
          alternativeAt: 1,
        },
        { problem: 'P', steps: [{ text: 'e', label: 'correct' }], alternativeAt: 0 },
      ],
    });
    expect(readRow('math-aps-tree', row, { alternatives: false }).traces).toHaveLength(1);
  });

  it('takes a step that was estimated twice as one, with the mean', () => {
    const row = tree([node('a', 0.25, [node('b', 1)]), node('a ', 0.5, [node('c', 0)])]);
    const { traces } = readRow('math-aps-tree', row);
    expect(traces.map(signs)).toEqual(['-+', '.-']);
    expect(traces[0]?.steps[0]?.soft).toBe(0.375);
  });

  it('reads a real tree', () => {
    const rows = fixture('math-aps/tree-1-row.jsonl');
    const { problem, answer, traces } = readRow('math-aps-tree', rows[0] ?? {});
    expect(problem).toMatch(/^Melinda will roll two standard six-sided dice/);
    expect(answer).toBe('\\frac{11}{36}');
    expect(signs(traces[0] ?? { problem, steps: [] })).toBe('--+');
    expect(traces[0]?.steps.map(({ soft }) => soft)).toEqual([0.1875, 0.015625, undefined]);
    expect(labelCounts('math-aps-tree', rows)).toMatchObject({ traces: 18, correct: 17, incorrect: 3 });
  });

  it.each([
    [{ question: 'P' }, '`reasoning_steps` is missing', ['reasoning_steps']],
    [{ question: 'P', reasoning_steps: 'x' }, '`reasoning_steps` is no tree', ['reasoning_steps']],
    [tree([]), 'no steps', ['reasoning_steps', 'children']],
    [
      tree([node('a', 1, [node('b', 2)])]),
      '`mc_value` is no share from 0 to 1',
      ['reasoning_steps', 'children', 0, 'children', 0, 'mc_value'],
    ],
    [tree([{ text: 5 }]), 'a step is no text', ['reasoning_steps', 'children', 0, 'text']],
    [
      tree([{ text: 'a', children: 5 }]),
      '`children` is no list',
      ['reasoning_steps', 'children', 0, 'children'],
    ],
    [tree([5 as unknown as Fields]), 'a node of the tree is no object', ['reasoning_steps', 'children', 0]],
  ])('says what is wrong and where %#', (fields, reason, place) => {
    expect(read('math-aps-tree', fields)).toMatchObject({ reason, place });
  });
});

describe('math-aps-flat', () => {
  const flat = (...prefixes: [string, number][]): Fields => ({
    question: 'P?',
    final_answer: '4',
    reasoning_steps: prefixes.map(([text, mc_value]) => ({ solution_prefix: text, mc_value })),
  });

  it('finds the steps between cumulative prefixes, in any order', () => {
    const row = flat(['P? a\n\nb', 0], ['P?', 0.5], ['P? a', 0.75], ['P? a\n\nc d', 1], ['P? a\n\nc', 0.25]);
    const { traces } = readRow('math-aps-flat', row);
    expect(traces.map(({ steps }) => steps.map(({ text }) => text))).toEqual([
      ['a', 'c', 'd'],
      ['a', 'b'],
    ]);
    expect(traces.map(signs)).toEqual(['+-+', '.-']);
  });

  it('reads a real row', () => {
    const rows = fixture('math-aps/flat-1-row.jsonl');
    const { problem, traces } = readRow('math-aps-flat', rows[0] ?? {});
    expect(problem).toMatch(/^Consider sequences of positive real numbers/);
    // Thirteen prefixes: the question, three that came twice, nine steps.
    const labelled = traces.flatMap(({ steps }) => steps).filter(({ label }) => label !== 'unlabelled');
    expect(labelled).toHaveLength(9);
    expect(mainPath('math-aps-flat', rows[0] ?? {}).steps.map(({ soft }) => soft)).toEqual([
      0.046875,
      undefined,
    ]);
    expect(labelCounts('math-aps-flat', rows)).toMatchObject({ traces: 7, correct: 6, incorrect: 3 });
  });

  it('says the same as the tree that it was made of', () => {
    const nodes = (levels: number): fc.Arbitrary<Fields[]> =>
      fc.array(
        fc.record({
          text: fc.stringMatching(/^[ab]{2}$/),
          mc_value: fc.constantFrom(0, 0.25, 0.75, 1),
          children: levels === 0 ? fc.constant([]) : nodes(levels - 1),
        }),
        { maxLength: 3 },
      );
    fc.assert(
      fc.property(nodes(3), (children) => {
        fc.pre(children.length > 0);
        const prefixes: [string, number][] = [['P?', 0.5]];
        const walk = (before: string, nodes: Fields[]): void => {
          for (const { text, mc_value: value, children: behind } of nodes) {
            const whole = `${before} ${String(text)}`;
            prefixes.push([whole, Number(value)]);
            walk(whole, behind as Fields[]);
          }
        };
        walk('P?', children);
        const asTree = readRow('math-aps-tree', {
          ...tree(children),
          question: 'P?',
          reasoning_steps: node('P?', 1, children),
        });
        const asFlat = readRow('math-aps-flat', flat(...prefixes));
        expect(asFlat.traces).toEqual(asTree.traces);
      }),
    );
  });

  it.each([
    [{ question: 'P', reasoning_steps: [] }, 'no steps', ['reasoning_steps']],
    [{ question: 'P', reasoning_steps: [3] }, 'a step is no object', ['reasoning_steps', 0]],
    [
      { question: 'P', reasoning_steps: [{ mc_value: 1 }] },
      '`solution_prefix` is no text',
      ['reasoning_steps', 0, 'solution_prefix'],
    ],
    [
      { question: 'P', reasoning_steps: [{ solution_prefix: 'P a', mc_value: -1 }] },
      '`mc_value` is no share from 0 to 1',
      ['reasoning_steps', 0, 'mc_value'],
    ],
  ])('says what is wrong and where %#', (fields, reason, place) => {
    expect(read('math-aps-flat', fields)).toMatchObject({ reason, place });
  });
});
