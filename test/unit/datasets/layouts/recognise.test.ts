// Which layout a file has, and what is said about it.
import { describe, expect, it } from 'vitest';
import { LAYOUTS, type LayoutName } from '../../../../protocol/src/datasets.ts';
import { LAYOUT_TABLE } from '../../../../server/src/datasets/layouts/index.ts';
import { isFault, type Fields } from '../../../../server/src/datasets/layouts/layout.ts';
import { openLayout, recogniseLayout } from '../../../../server/src/datasets/layouts/recognise.ts';
import { fixture, numbered, signs } from './reading.ts';

const example: Fields = {
  problem: 'P',
  step: 'a',
  previous_steps: [],
  reasoning_path: ['a'],
  label: 1,
  step_index: 0,
  total_steps: 1,
};

/** A file of each layout. */
const FILES: readonly (readonly [LayoutName, string])[] = [
  ['trl-stepwise', 'stepwise/reading-steps.jsonl'],
  ['trl-stepwise', 'stepwise/reading-attempts.jsonl'],
  ['prm800k', 'prm800k/raw-6-rows.jsonl'],
  ['prm800k-critic', 'written-here/prm800k-critic.jsonl'],
  ['math-shepherd', 'math-shepherd/7-rows.jsonl'],
  ['processbench', 'written-here/processbench.jsonl'],
  ['processbench', 'mr-gsm8k/first-error-8-rows.jsonl'],
  ['prmbench', 'prmbench/circular-4-rows.jsonl'],
  ['prmbench', 'prmbench/confidence-5-rows.jsonl'],
  ['rlhflow', 'written-here/rlhflow.jsonl'],
  ['math-aps-flat', 'math-aps/flat-1-row.jsonl'],
  ['math-aps-tree', 'math-aps/tree-1-row.jsonl'],
  ['versaprm', 'versaprm/11-questions.json'],
  ['versaprm', 'written-here/versaprm-hub.jsonl'],
  ['er-prm', 'written-here/er-prm.jsonl'],
  ['er-prm', 'written-here/openrlhf.jsonl'],
  ['mr-gsm8k', 'written-here/mr-gsm8k.jsonl'],
  ['mr-gsm8k', 'written-here/mr-ben.jsonl'],
  ['bigbench-mistake', 'bigbench-mistake/8-rows.jsonl'],
  ['gsm8k', 'gsm8k/train-5-rows.jsonl'],
];

describe('LAYOUT_TABLE', () => {
  it('has every layout under its name', () => {
    expect(Object.keys(LAYOUT_TABLE).sort()).toEqual([...LAYOUTS].sort());
    for (const name of LAYOUTS) {
      expect(LAYOUT_TABLE[name].name).toBe(name);
      expect(LAYOUT_TABLE[name].columns).toEqual(
        expect.arrayContaining([...(LAYOUT_TABLE[name].optional ?? [])]),
      );
    }
  });
});

describe('recogniseLayout', () => {
  it.each(FILES)('recognises %s in %s', (layout, file) => {
    const rows = fixture(file);
    const report = recogniseLayout(numbered(rows));
    expect(report).toMatchObject({
      layout,
      title: LAYOUT_TABLE[layout].title,
      sampled: rows.length,
      counts: [{ layout, rows: rows.length }],
    });
    expect(report.evidence).toHaveLength(1);
  });

  it.each(FILES)('needs no more than the columns of %s for %s', (layout, file) => {
    const { columns, optional = [] } = LAYOUT_TABLE[layout];
    const rows = fixture(file);
    const { read } = openLayout(numbered(rows));
    for (const fields of rows) {
      const wanted = Object.fromEntries(
        columns.filter((name) => name in fields).map((name) => [name, fields[name]]),
      );
      expect(read?.(wanted)).toEqual(read?.(fields));
      for (const name of columns) if (!optional.includes(name)) expect(fields).toHaveProperty(name);
    }
  });

  it('takes a formatted example for what it is, although ProcessBench has such fields', () => {
    const both = { ...example, steps: ['a'] };
    expect(LAYOUT_TABLE.processbench.recognise(both)).toBeDefined();
    expect(recogniseLayout(numbered([both])).layout).toBe('formatted');
  });

  it('says it in sentences', () => {
    expect(recogniseLayout(numbered(fixture('math-shepherd/7-rows.jsonl'))).evidence).toEqual([
      'All 7 rows looked at have `ки` behind each step of `input`, and a `label` text.',
    ]);
    expect(recogniseLayout(numbered(fixture('written-here/mr-ben.jsonl'))).evidence).toEqual([
      'The only row looked at has `Model_Solution_Steps` and `Model_Solution_First_Error_Step`.',
    ]);
    expect(recogniseLayout([]).evidence).toEqual(['There are no rows to look at.']);
  });

  it('names every layout of a mixed file, and rows that fit none or are broken', () => {
    const rows = [
      ...numbered([
        ...fixture('written-here/processbench.jsonl'),
        ...fixture('gsm8k/train-5-rows.jsonl').slice(0, 1),
      ]),
      { number: 5, fields: { a: 1, 'b\nc': 2 } },
      { number: 6, fields: undefined, fault: { reason: 'not JSON' } },
      { number: 7, fields: {} },
    ];
    expect(recogniseLayout(rows)).toEqual({
      layout: 'processbench',
      title: 'ProcessBench',
      evidence: [
        '3 of 7 rows looked at have `problem`, the list `steps`, and in `label` the place of the first wrong step.',
        'The file mixes layouts.',
        '1 row (row 4) is GSM8K (no labels): `question` and an `answer` that ends in `#### N`; nothing in it labels a step.',
        '2 rows fit no layout; the fields are `a`, `b c`.',
        '1 row cannot be read.',
      ],
      sampled: 7,
      counts: [
        { layout: 'processbench', rows: 3 },
        { layout: 'gsm8k', rows: 1 },
      ],
    });
  });

  it('lists the fields of a file that fits no layout', () => {
    const fields = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, 1]));
    expect(recogniseLayout(numbered([fields]))).toEqual({
      layout: null,
      title: 'no known layout',
      evidence: [
        '1 row fits no layout; the fields are `f0`, `f1`, `f2`, `f3`, `f4`, `f5`, `f6`, `f7`, 2 more.',
      ],
      sampled: 1,
      counts: [],
    });
  });
});

describe('columns that hold JSON text', () => {
  it.each([
    ['prm800k/raw-6-rows.jsonl', ['question', 'label']],
    ['written-here/rlhflow.jsonl', ['conversations']],
    ['math-aps/flat-1-row.jsonl', ['reasoning_steps']],
    ['math-aps/tree-1-row.jsonl', ['reasoning_steps']],
    ['versaprm/11-questions.json', ['chain_of_thoughts']],
  ])('are read as what they say: %s', (file, columns) => {
    const rows = fixture(file);
    const asText = rows.map((row) => ({
      ...row,
      ...Object.fromEntries(columns.map((name) => [name, JSON.stringify(row[name])])),
    }));
    const plain = openLayout(numbered(rows));
    const text = openLayout(numbered(asText));
    expect(text.report).toEqual(plain.report);
    expect(asText.map((row) => text.read?.(row))).toEqual(rows.map((row) => plain.read?.(row)));
  });
});

describe('openLayout', () => {
  it.each([
    [
      'reading-steps',
      'steps',
      'Completions are read as the steps of one solution: of 40 rows with two completions or more, ' +
        '100 % give a final answer in the last one only (steps), 0 % in several (attempts).',
    ],
    [
      'reading-attempts',
      'attempts',
      'Completions are read as whole attempts: of 25 rows with two completions or more, ' +
        '0 % give a final answer in the last one only (steps), 100 % in several (attempts).',
    ],
  ] as const)('votes what the completions of %s are', (file, completions, words) => {
    const { options, report } = openLayout(numbered(fixture(`stepwise/${file}.jsonl`)));
    expect(options.completions).toBe(completions);
    expect(report.evidence[1]).toBe(words);
  });

  it('says where no row tells', () => {
    const row = { prompt: 'P', completions: ['a'], labels: [1] };
    expect(openLayout(numbered([row]), { completions: 'attempts' }).report.evidence[1]).toBe(
      'Completions are read as whole attempts, as chosen: no row has two completions or more.',
    );
  });

  it('takes the choices of the user first', () => {
    const rows = numbered(fixture('stepwise/reading-steps.jsonl'));
    expect(openLayout(rows, { completions: 'attempts' }).options).toMatchObject({
      completions: 'attempts',
      neutral: 'neutral',
    });
    const { layout, report, read } = openLayout(rows, { layout: 'gsm8k', neutral: 'correct' });
    expect(layout?.name).toBe('gsm8k');
    expect(report).toMatchObject({ layout: 'gsm8k', title: 'GSM8K (no labels)' });
    expect(report.evidence[0]).toBe(
      'GSM8K (no labels) was chosen; the rows look like TRL stepwise supervision.',
    );
    expect(read?.(rows[0]?.fields ?? {})).toEqual({
      reason: 'the row has another layout: TRL stepwise supervision',
    });
  });

  it('has no reader where no layout fits', () => {
    expect(openLayout(numbered([{ a: 1 }]))).toMatchObject({ layout: undefined, read: undefined });
  });

  it('reads the rows of the chosen layout in any order, and says of others which they have', () => {
    const [critic = {}] = fixture('written-here/prm800k-critic.jsonl');
    const rows = fixture('written-here/processbench.jsonl');
    const { read } = openLayout(numbered([...rows, critic]));
    const read2 = rows.toReversed().map((row) => read?.(row));
    expect(
      read2.map((row) =>
        row === undefined || isFault(row) ? 'none' : signs(row.traces[0] ?? { problem: '', steps: [] }),
      ),
    ).toEqual(['-.', '++', '+-.']);
    expect(read?.(critic)).toEqual({ reason: 'the row has another layout: PRM800K stepwise critic' });
  });
});
