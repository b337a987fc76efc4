// Rows that no one should have written: every layout answers, quickly, and never throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYOUTS, type LayoutName } from '../../../../protocol/src/datasets.ts';
import { LAYOUT_TABLE } from '../../../../server/src/datasets/layouts/index.ts';
import {
  AFTER_ERROR_POLICIES,
  EMPTY_STEP_POLICIES,
  isFault,
  NEUTRAL_POLICIES,
  READINGS,
  type Fields,
  type LayoutOptions,
} from '../../../../server/src/datasets/layouts/layout.ts';
import { recogniseLayout } from '../../../../server/src/datasets/layouts/recognise.ts';
import { unwrapPrompt } from '../../../../server/src/datasets/promptWrapper.ts';
import { fixture, numbered, read, readRow } from './reading.ts';

const FIXTURES = [
  'stepwise/reading-steps.jsonl',
  'prm800k/raw-6-rows.jsonl',
  'written-here/prm800k-critic.jsonl',
  'math-shepherd/7-rows.jsonl',
  'written-here/processbench.jsonl',
  'prmbench/circular-4-rows.jsonl',
  'written-here/rlhflow.jsonl',
  'math-aps/flat-1-row.jsonl',
  'math-aps/tree-1-row.jsonl',
  'versaprm/11-questions.json',
  'written-here/versaprm-hub.jsonl',
  'written-here/er-prm.jsonl',
  'written-here/mr-gsm8k.jsonl',
  'written-here/mr-ben.jsonl',
  'bigbench-mistake/8-rows.jsonl',
  'gsm8k/train-5-rows.jsonl',
];

const options: fc.Arbitrary<LayoutOptions> = fc.record({
  completions: fc.constantFrom(...READINGS),
  emptySteps: fc.constantFrom(...EMPTY_STEP_POLICIES),
  neutral: fc.constantFrom(...NEUTRAL_POLICIES),
  afterError: fc.constantFrom(...AFTER_ERROR_POLICIES),
  alternatives: fc.boolean(),
  qualityControl: fc.boolean(),
});

/** Whatever a reader of JSON or Parquet may give. */
const value = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, maxDepth: 3 }),
  fc.constantFrom<unknown>('ки', '+', '-', 'Step 1: ', -1, 0, 0.5, 1, 1n, [], {}, null, '', ' ', '#### 1'),
);

/** Field names of every layout, so that arbitrary values get past the first check. */
const FIELD_NAMES = [...new Set(LAYOUTS.flatMap((name) => LAYOUT_TABLE[name].columns))];
const anyRow: fc.Arbitrary<Fields> = fc.oneof(
  fc.dictionary(fc.constantFrom(...FIELD_NAMES), value, { noNullPrototype: false }),
  fc.dictionary(fc.string(), value),
);

/** A row is a row, whole: what the other parts count on. */
function check(name: LayoutName, fields: Fields, policies: LayoutOptions): void {
  const layout = LAYOUT_TABLE[name];
  const evidence = layout.recognise(fields);
  if (evidence !== undefined) expect(evidence).not.toBe('');
  const row = layout.reader(policies)(fields);
  if (isFault(row)) {
    expect(row.reason).not.toBe('');
    expect(row.reason.length + (row.detail?.length ?? 0)).toBeLessThan(250);
    return;
  }
  expect(row.problem.trim()).not.toBe('');
  expect(row.traces.length).toBeGreaterThan(0);
  for (const { problem, steps, alternativeAt } of row.traces) {
    expect(problem).not.toBe('');
    expect(steps.length).toBeGreaterThan(0);
    if (alternativeAt !== undefined) {
      expect(alternativeAt).toBeGreaterThanOrEqual(0);
      expect(alternativeAt).toBeLessThan(steps.length);
    }
    for (const { text, soft } of steps) {
      expect(text).toBe(text.trim());
      if (soft !== undefined) expect(soft > 0 && soft < 1).toBe(true);
    }
  }
}

describe('any row', () => {
  it.each(LAYOUTS)('%s answers arbitrary values', (name) => {
    fc.assert(
      fc.property(anyRow, options, (fields, policies) => {
        check(name, fields, policies);
      }),
      { numRuns: 300 },
    );
  });

  it.each(FIXTURES)('mutations of %s are answered by every layout', (file) => {
    const rows = fixture(file);
    // Long rows make slow mutations.
    const row = fc.constantFrom(...rows.slice(0, 4));
    const mutation = fc.record({ path: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), value });
    fc.assert(
      fc.property(
        row,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        options,
        (fields, mutations, policies) => {
          const mutated = structuredClone(fields);
          for (const one of mutations) replaceAt(mutated, one.path, one.value);
          recogniseLayout(numbered([mutated]));
          for (const name of LAYOUTS) check(name, mutated, policies);
        },
      ),
      { numRuns: 60 },
    );
  });
});

function isPlain(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Date)
  );
}

/** Follows a path of numbers, each modulo the items that are there, and replaces what it ends at. */
function replaceAt(top: Fields, path: readonly number[], by: unknown): void {
  let at: Record<string, unknown> = top;
  for (const [depth, step] of path.entries()) {
    const keys = Object.keys(at);
    const key = keys[step % keys.length];
    if (key === undefined) return;
    const next = at[key];
    if (depth === path.length - 1 || !isPlain(next) || Object.keys(next).length === 0) {
      at[key] = by;
      return;
    }
    at = next;
  }
}

describe('a row of monstrous size', () => {
  const MANY = 100_000;
  const texts = Array.from({ length: MANY }, (_, index) => `step ${index}`);
  const tagged = (tag: string): string =>
    `P? ${texts.map((text, index) => `Step ${index + 1}: ${text} ${tag}`).join('\n')}`;
  const nodes = (): Fields => {
    let node: Fields = { text: 'leaf', mc_value: 1, children: [] };
    for (let level = 0; level < MANY; level++) node = { text: `n${level}`, mc_value: 0.5, children: [node] };
    return node;
  };

  it.each<[LayoutName, () => Fields]>([
    ['trl-stepwise', () => ({ prompt: 'P', completions: texts, labels: texts.map(() => true) })],
    [
      'prm800k',
      () => ({
        question: { problem: 'P' },
        label: { steps: texts.map((text) => ({ completions: [{ text, rating: 1 }], chosen_completion: 0 })) },
      }),
    ],
    [
      'prm800k-critic',
      () => ({ instruction: 'P', responses: texts.slice(1), next_response: 'a', rating: 1 }),
    ],
    ['math-shepherd', () => ({ input: tagged('ки'), label: tagged('+') })],
    ['processbench', () => ({ problem: 'P', steps: texts, label: MANY - 1 })],
    [
      'prmbench',
      () => ({
        modified_question: 'P',
        modified_process: texts,
        error_steps: texts.map((_, index) => index + 1),
      }),
    ],
    [
      'rlhflow',
      () => ({
        conversations: texts.flatMap((text) => [
          { role: 'user', content: `P? ${text}` },
          { role: 'assistant', content: '+' },
        ]),
      }),
    ],
    [
      'versaprm',
      () => ({ question: 'P', chain_of_thoughts: [{ steps: texts, labels: texts.map(() => 1) }] }),
    ],
    ['er-prm', () => ({ text: tagged('ки'), value: texts.map(() => 0.5) })],
    [
      'mr-gsm8k',
      () => ({ Question: 'P', Model_Solution_Steps: texts.join('\n'), Model_Solution_First_Error_Step: '9' }),
    ],
    ['bigbench-mistake', () => ({ input: 'P', steps: texts, mistake_index: null })],
    ['gsm8k', () => ({ question: 'P', answer: texts.join('\n') })],
    [
      'math-aps-tree',
      () => ({
        question: 'P',
        reasoning_steps: { text: 'P', children: texts.map((text) => ({ text, mc_value: 1 })) },
      }),
    ],
    [
      'math-aps-flat',
      () => ({
        question: 'P',
        reasoning_steps: texts.map((text) => ({ solution_prefix: `P ${text}.`, mc_value: 1 })),
      }),
    ],
  ])('%s reads 100,000 steps', (name, make) => {
    const fields = make();
    const started = performance.now();
    LAYOUT_TABLE[name].recognise(fields);
    const { traces } = readRow(name, fields);
    // Quadratic work would take minutes.
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(traces.reduce((sum, { steps }) => sum + steps.length, 0)).toBe(MANY);
  });

  it('reads a tree of 100,000 levels', () => {
    const fields = { question: 'P', reasoning_steps: nodes() };
    expect(readRow('math-aps-tree', fields).traces[0]?.steps).toHaveLength(MANY);
  });

  it('finds the place of a fault at the bottom of such a tree', () => {
    const deep = nodes();
    let at = deep;
    for (;;) {
      const [child] = at.children as Fields[];
      if (child === undefined) break;
      at = child;
    }
    at.mc_value = 'high';
    const fault = read('math-aps-tree', { question: 'P', reasoning_steps: deep });
    expect(isFault(fault) && fault.place).toHaveLength(2 * MANY + 2);
  });

  it('refuses paths that repeat their beginning too often, unless only the main path is wanted', () => {
    const steps = texts.map((text) => ({
      completions: [
        { text, rating: 1 },
        { text: 'other', rating: -1 },
      ],
      chosen_completion: 0,
    }));
    const fields = { question: { problem: 'P' }, label: { steps } };
    const reason = 'the paths of the row have more than 500,000 steps together';
    expect(read('prm800k', fields)).toMatchObject({ reason });
    expect(readRow('prm800k', fields, { alternatives: false }).traces[0]?.steps).toHaveLength(MANY);

    let comb: Fields = { text: 'end', mc_value: 1, children: [] };
    for (let level = 0; level < 2_000; level++) {
      comb = {
        text: `n${level}`,
        mc_value: 0.5,
        children: [comb, { text: 'tooth', mc_value: 0, children: [] }],
      };
    }
    expect(read('math-aps-tree', { question: 'P', reasoning_steps: comb })).toMatchObject({ reason });

    const augs = Array.from({ length: 20 }, () => ({ aug_step: 'x', aug_idx: MANY, aug_type: 1 }));
    const chain = { steps: texts, labels: texts.map(() => 1), augs };
    expect(read('versaprm', { question: 'P', chain_of_thoughts: [chain] })).toMatchObject({ reason });
  });

  it.each([
    '[INST] <<SYS>>',
    '<|im_start|>user',
    '<|user|>',
    '<start_of_turn>user',
    '<s>',
    '<|start_header_id|>user<|end_header_id|>',
  ])('unwraps a prompt of many %s in no time', (mark) => {
    const started = performance.now();
    unwrapPrompt(mark.repeat(MANY));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each(['Step 1: ', 'Step 1:\n', '? ', '\n', 'ки', 'Step 1', ' '])(
    'splits a text of many %j in no time',
    (part) => {
      const text = `P${part.repeat(MANY)}`;
      const started = performance.now();
      read('math-shepherd', { input: `${text}ки`, label: `${text}+` });
      read('mr-gsm8k', {
        question: 'P',
        model_output_steps: text,
        model_output_solution_first_error_step: 1,
      });
      read('gsm8k', { question: text, answer: text });
      expect(performance.now() - started).toBeLessThan(10_000);
    },
  );
});
