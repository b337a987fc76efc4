import { describe, expect, it } from 'vitest';
import { scoreJson, scoreTable, type ScoredText } from '../../../server/src/commands/scoreScreen.ts';

const SCORED: ScoredText = {
  model: {
    modelFolder: '/models/best_model',
    name: 'bakery',
    family: 'mini',
    parameters: 7_344_640,
    device: 'cpu',
    deviceNotes: [],
    threshold: 0.5,
    maxTokens: 2048,
    weightsSha256: '0',
    loadMilliseconds: 100,
  },
  threshold: 0.5,
  aggregate: 'min',
  score: 0.0041,
  firstDoubtfulStep: 1,
  milliseconds: 34.6,
  problem: 'How many\npens?',
  steps: [
    { text: 'He has 3 x 12 = 36 pens.', start: 16, end: 40, score: 0.9974 },
    { text: '36 - 5 = 30 are left.', start: 41, end: 62, score: 0.0041 },
    { text: 'So 30.', start: 63, end: 69, score: 0.1 },
  ],
};

describe('scoreTable', () => {
  it('has a row a step, marks the first doubtful one and shows its failed equations', () => {
    expect(scoreTable(SCORED, { colour: false, columns: Infinity })).toBe(
      [
        'Problem: How many pens?',
        '',
        '  step  score  label      text',
        '     1  0.997  correct    He has 3 x 12 = 36 pens.',
        '>    2  0.004  incorrect  36 - 5 = 30 are left.',
        '        ^ 36 - 5 = 30 fails: the left side is 31',
        '     3  0.100  incorrect  So 30.',
        '',
        'First doubtful step: 2 of 3, the first that scores under 0.5.',
        'Score of the trace (min): 0.004',
        'Model bakery (7.3M parameters) on cpu, 35 ms',
        '',
      ].join('\n'),
    );
  });

  it('says where no step is doubtful', () => {
    const table = scoreTable(
      { ...SCORED, firstDoubtfulStep: null, threshold: 0 },
      { colour: false, columns: 80 },
    );
    expect(table).toContain('No doubtful step: none scores under 0.\n');
    expect(table).not.toContain('>');
  });

  it('has the same words in colour as without', () => {
    const coloured = scoreTable(SCORED, { colour: true, columns: Infinity });
    expect(coloured).toContain('\u001b[31mincorrect\u001b[39m');
    expect(coloured).toContain('\u001b[32mcorrect  \u001b[39m');
    // eslint-disable-next-line no-control-regex -- the escape sequences of colours
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(
      scoreTable(SCORED, { colour: false, columns: Infinity }),
    );
  });

  it('cuts rows to the width of the terminal, wide characters counted double', () => {
    const steps = [{ text: '三乘十二等于三十六。'.repeat(20), start: 0, end: 200, score: 0.9 }];
    const table = scoreTable({ ...SCORED, steps, firstDoubtfulStep: null }, { colour: false, columns: 60 });
    const row = table.split('\n').find((line) => line.includes('三')) ?? '';
    // 26 columns before the text, 16 characters of 2 columns, the sign that something is cut, and a free column.
    expect(row.slice(row.indexOf('三'))).toBe('三乘十二等于三十六。三乘十二等于…');
  });

  it('lets no text steer the terminal', () => {
    const steps = [{ text: 'a\u001b[2J\u0007b\r\nc', start: 0, end: 8, score: 0.9 }];
    const table = scoreTable({ ...SCORED, steps, firstDoubtfulStep: null }, { colour: false, columns: 80 });
    expect(table).toContain('  a [2J b c\n');
  });
});

describe('scoreJson', () => {
  it('is one object with everything in it', () => {
    expect(JSON.parse(scoreJson(SCORED))).toEqual({
      model: 'bakery',
      modelFolder: '/models/best_model',
      device: 'cpu',
      threshold: 0.5,
      aggregate: 'min',
      score: 0.0041,
      firstDoubtfulStep: 1,
      milliseconds: 34.6,
      problem: 'How many\npens?',
      steps: [
        {
          number: 1,
          index: 0,
          score: 0.9974,
          label: 'correct',
          text: 'He has 3 x 12 = 36 pens.',
          start: 16,
          end: 40,
        },
        {
          number: 2,
          index: 1,
          score: 0.0041,
          label: 'incorrect',
          text: '36 - 5 = 30 are left.',
          start: 41,
          end: 62,
        },
        { number: 3, index: 2, score: 0.1, label: 'incorrect', text: 'So 30.', start: 63, end: 69 },
      ],
    });
  });
});
