// Reading plain text as a problem and steps: many literals, real rows in every style, properties, size.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanStep } from '../../../server/src/models/families/stepText.ts';
import { parseReasoning, parseSteps } from '../../../server/src/scoring/reasoningText.ts';

const QUESTION = 'Natalia sold clips to 48 friends, and then half as many. How many clips did she sell?';

function read(text: string): { problem: string | undefined; steps: string[] } {
  const { problem, steps } = parseReasoning(text);
  return { problem: problem?.text, steps: steps.map((step) => step.text) };
}

describe('parseReasoning', () => {
  it.each<[string, string, string | undefined, string[]]>([
    [
      'lines behind a question',
      `${QUESTION}\n48/2 = 24 in May.\n#### 72`,
      QUESTION,
      ['48/2 = 24 in May.', '#### 72'],
    ],
    ['numbered lines', `${QUESTION}\n1. a b\n2. c d`, QUESTION, ['a b', 'c d']],
    ['numbers in parentheses', `${QUESTION}\n(1) a b\n(2) c d`, QUESTION, ['a b', 'c d']],
    ['numbers with a parenthesis', `${QUESTION}\n\n1) a b\n\n2) c d`, QUESTION, ['a b', 'c d']],
    ['Step k:', `${QUESTION}\nStep 1: a b\nStep 2: c d`, QUESTION, ['a b', 'c d']],
    ['bold steps', `${QUESTION}\n\n**Step 1:** a b\n\n**Step 2**\nc d`, QUESTION, ['a b', 'c d']],
    ['steps as headings', `${QUESTION}\n\n### Step 1: a\nb\n\n### Step 2: c`, QUESTION, ['a\nb', 'c']],
    ['bullets', `${QUESTION}\n- a b\n- c d`, QUESTION, ['a b', 'c d']],
    ['nested bullets', `${QUESTION}\n- a b\n  - inner\n- c d`, QUESTION, ['a b\n  - inner', 'c d']],
    [
      'bullets under numbers',
      `${QUESTION}\n1. a\n   - x\n   - y\n2. b`,
      QUESTION,
      ['a\n   - x\n   - y', 'b'],
    ],
    ['paragraphs', `${QUESTION}\n\na b\n\nc d`, QUESTION, ['a b', 'c d']],
    ['paragraphs of several lines', `${QUESTION}\n\na\nb\n\nc\nd`, QUESTION, ['a\nb', 'c\nd']],
    ['headings', `Problem: ${QUESTION}\nSolution:\na b\nc d`, QUESTION, ['a b', 'c d']],
    ['bold headings', `**Question:** ${QUESTION}\n\n**Solution:**\n\na b\n\nc d`, QUESTION, ['a b', 'c d']],
    ['Markdown headings', `## Problem\n\nA b c.\n\n## Solution\n\na b\n\nc d`, 'A b c.', ['a b', 'c d']],
    ['a numbered problem', 'Problem 3. A b c.\nStep 1: a', 'A b c.', ['a']],
    [
      'Q and A',
      'Q: What is 2+2?\nA: 2+2 = 4\nThe answer is 4',
      'What is 2+2?',
      ['2+2 = 4', 'The answer is 4'],
    ],
    ['A at the end', `${QUESTION}\na b\nc d\nA: 72`, QUESTION, ['a b', 'c d', 'A: 72']],
    ['Answer at the end', `${QUESTION}\na b\nAnswer: 72`, QUESTION, ['a b', 'Answer: 72']],
    [
      'a problem of two lines',
      'A robe takes 2 bolts.\nHow many?\nIt takes 1.\nSo 3.',
      'A robe takes 2 bolts.\nHow many?',
      ['It takes 1.', 'So 3.'],
    ],
    [
      'a question with more behind it',
      'How many? Round down.\nIt is 1.\nSo 3.',
      'How many? Round down.',
      ['It is 1.', 'So 3.'],
    ],
    [
      'an order',
      'Calculate the area of the yard.\n\nIt is 3*4 = 12.\nSo 12.',
      'Calculate the area of the yard.',
      ['It is 3*4 = 12.\nSo 12.'].flatMap((step) => step.split('\n')),
    ],
    [
      'an order inside',
      'A yard is 3 by 4. Find its area.\nIt is 3*4 = 12.\nSo 12.',
      'A yard is 3 by 4. Find its area.',
      ['It is 3*4 = 12.', 'So 12.'],
    ],
    [
      'a paragraph, then a block',
      'The yard is 3 by 4.\n\na b\nc d\ne f',
      'The yard is 3 by 4.',
      ['a b', 'c d', 'e f'],
    ],
    ['an introduction', `${QUESTION}\n\nLet's think step by step.\n\n1. a\n2. b`, QUESTION, ['a', 'b']],
    ['an introduction with a colon', `${QUESTION}\n\nHere is the solution:\n\nStep 1: a`, QUESTION, ['a']],
    [
      'a step before the markers',
      `${QUESTION}\n\nFirst 1+1 = 2.\n\nStep 1: a`,
      QUESTION,
      ['First 1+1 = 2.', 'a'],
    ],
    [
      'a final answer after steps',
      `${QUESTION}\nStep 1: a\n\nThe answer is 72.`,
      QUESTION,
      ['a', 'The answer is 72.'],
    ],
    ['a boxed answer', `${QUESTION}\n1. a\n2. b\n$\\boxed{72}$`, QUESTION, ['a', 'b', '$\\boxed{72}$']],
    [
      'text under a step',
      `${QUESTION}\nStep 1: a\nmore\n\nand more\nStep 2: b`,
      QUESTION,
      ['a\nmore\n\nand more', 'b'],
    ],
    ['Phi', '<|user|>\nA b.<|end|>\n<|assistant|>\na b\nc d<|end|>', 'A b.', ['a b', 'c d']],
    [
      'ChatML',
      '<|im_start|>system\nBe good.<|im_end|>\n<|im_start|>user\nA b.<|im_end|>\n<|im_start|>assistant\na b\nc d<|im_end|>',
      'A b.',
      ['a b', 'c d'],
    ],
    ['Llama 2', '<s>[INST] A b. [/INST] a b\nc d </s>', 'A b.', ['a b', 'c d']],
    [
      'Llama 3',
      '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nA b.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\na b\nc d<|eot_id|>',
      'A b.',
      ['a b', 'c d'],
    ],
    [
      'Gemma',
      '<start_of_turn>user\nA b.<end_of_turn>\n<start_of_turn>model\na b\nc d<end_of_turn>',
      'A b.',
      ['a b', 'c d'],
    ],
    ['only steps, named', 'Step 3: a\nStep 4: b', undefined, ['a', 'b']],
    ['only steps, numbered from 2', '2. a\n3. b', undefined, ['a', 'b']],
    ['only steps, bullets', '* a\n* b\n* c', undefined, ['a', 'b', 'c']],
    [
      'only steps, lines',
      '5 + 3 = 8\n8 * 2 = 16\n#### 16',
      undefined,
      ['5 + 3 = 8', '8 * 2 = 16', '#### 16'],
    ],
    [
      'only steps, paragraphs',
      '5 + 3 = 8\n\n8 * 2 = 16\n\nSo 16.',
      undefined,
      ['5 + 3 = 8', '8 * 2 = 16', 'So 16.'],
    ],
    ['one step', '48/2 = 24', undefined, ['48/2 = 24']],
    ['one answer', '#### 72', undefined, ['#### 72']],
    ['decimals at the start', '1.5 + 2 = 3.5\n2.5 + 1 = 3.5', undefined, ['1.5 + 2 = 3.5', '2.5 + 1 = 3.5']],
    ['numbers out of order are text', 'Step 1: a\n7. b\nStep 2: c', undefined, ['a\n7. b', 'c']],
    [
      'display math',
      `${QUESTION}\n\nWe have\n$$\nx\n\n= 2\n$$\nso.\n\nDone.`,
      QUESTION,
      ['We have\n$$\nx\n\n= 2\n$$\nso.', 'Done.'],
    ],
    ['brackets', '1+1 = 2\n\\[\nx\n\n= 2\n\\]\nlast', undefined, ['1+1 = 2', '\\[\nx\n\n= 2\n\\]', 'last']],
    [
      'an environment',
      '1+1 = 2\n\\begin{align*}\nx\n\n= 2\n\\end{align*}\nlast',
      undefined,
      ['1+1 = 2', '\\begin{align*}\nx\n\n= 2\n\\end{align*}', 'last'],
    ],
    [
      'a code fence',
      '1+1 = 2\n\n```python\nx = 1\n\nStep 1: no\n```\n\nlast',
      undefined,
      ['1+1 = 2', '```python\nx = 1\n\nStep 1: no\n```', 'last'],
    ],
    ['a fence never closed', '1+1 = 2\n```\na\nb', undefined, ['1+1 = 2', '```', 'a', 'b']],
    ['carriage returns', `${QUESTION}\r\na b\r\n\r\n\r\nc d\r\n`, QUESTION, ['a b', 'c d']],
    ['tabs and spaces', `  ${QUESTION}\n\t1.\ta b  \n\t2.\tc d\t`, QUESTION, ['a b', 'c d']],
    [
      'other scripts',
      'いくつですか?\n2 × 3 = 6 個 🎉\n答え 6',
      'いくつですか?',
      ['2 × 3 = 6 個 🎉', '答え 6'],
    ],
    ['rules between', `${QUESTION}\n\n---\n\na b\n\n***\n\nc d`, QUESTION, ['a b', 'c d']],
    ['only a question', QUESTION, QUESTION, []],
    ['a heading and nothing else', `Problem: ${QUESTION}`, QUESTION, []],
    ['a solution heading alone', 'Solution:', undefined, []],
    ['nothing', '', undefined, []],
    ['white space', ' \n\t\r\n\n', undefined, []],
  ])('%s', (_name, text, problem, steps) => {
    expect(read(text)).toEqual({ problem, steps });
  });

  it('gives places in the input', () => {
    const text = 'Problem: Why?\r\n\r\nStep 1:  go  \r\nStep 2: on';
    const { problem, steps } = parseReasoning(text);
    expect(problem).toEqual({ text: 'Why?', start: 9, end: 13 });
    expect(steps.map(({ start, end }) => text.slice(start, end))).toEqual(['go', 'on']);
  });
});

describe('parseReasoning on real rows, in every style', () => {
  const rows = readFileSync('test/fixtures/stepwise/reading-steps.jsonl', 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { prompt: string; completions: string[] })
    .map(({ prompt, completions }) => ({
      problem: prompt.replace('<|user|>\n', '').replace('<|end|>\n<|assistant|>\n', '').trim(),
      steps: completions.map(cleanStep).filter((step) => step !== ''),
    }));
  const numbered =
    (write: (step: string, number: number) => string, glue = '\n') =>
    (steps: string[]) =>
      steps.map((step, index) => write(step, index + 1)).join(glue);
  const stepLists: Record<string, (steps: string[]) => string> = {
    lines: (steps) => steps.join('\n'),
    'lines with carriage returns': (steps) => steps.join('\r\n'),
    paragraphs: (steps) => steps.join('\n\n'),
    '1.': numbered((step, number) => `${number}. ${step}`),
    '1)': numbered((step, number) => `${number}) ${step}`, '\n\n'),
    'Step 1:': numbered((step, number) => `Step ${number}: ${step}`),
    '**Step 1:**': numbered((step, number) => `**Step ${number}:** ${step}`, '\n\n'),
    bullets: numbered((step) => `- ${step}`),
  };
  const layouts: Record<string, (problem: string, steps: string) => string> = {
    'a line break': (problem, steps) => `${problem}\n${steps}`,
    'an empty line': (problem, steps) => `${problem}\n\n${steps}`,
    headings: (problem, steps) => `Problem: ${problem}\n\nSolution:\n${steps}`,
    'Markdown headings': (problem, steps) => `## Question\n\n${problem}\n\n## Solution\n\n${steps}\n`,
    'a chat template': (problem, steps) => `<|user|>\n${problem}<|end|>\n<|assistant|>\n${steps}<|end|>`,
  };

  it('has rows', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
  });

  for (const [layout, write] of Object.entries(layouts)) {
    it.each(Object.keys(stepLists))(`gives problem and steps back: ${layout}, %s`, (style) => {
      for (const { problem, steps } of rows) {
        const text = write(problem, stepLists[style]?.(steps) ?? '');
        expect(read(text), text).toEqual({ problem, steps });
      }
    });
  }

  it.each(Object.keys(stepLists))('finds no problem where there are only steps: %s', (style) => {
    for (const { steps } of rows) {
      const text = stepLists[style]?.(steps) ?? '';
      expect(read(text), text).toEqual({ problem: undefined, steps });
    }
  });
});

describe('parseReasoning: properties', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        '\n',
        '\n\n',
        '\r\n',
        ' ',
        '\t',
        'Step 1:',
        'Step 2',
        '**',
        '1. ',
        '2) ',
        '- ',
        '```',
        '$$',
        '\\[',
        '\\]',
        '\\begin{a}',
        '\\end{a}',
      ],
      ...[
        'Problem:',
        'Solution:',
        'A: ',
        'Q: ',
        '#### 5',
        '---',
        'How many?',
        '1+1=2',
        'word',
        '<|user|>',
        '<|assistant|>',
        '[INST]',
        '# ',
        '🎉',
      ],
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );

  it('gives spans in order, apart, not empty, trimmed, and equal to the text there', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const { problem, steps } = parseReasoning(text);
        let before = 0;
        for (const span of problem === undefined ? steps : [problem, ...steps]) {
          expect(span.start).toBeGreaterThanOrEqual(before);
          expect(span.end).toBeGreaterThan(span.start);
          expect(span.end).toBeLessThanOrEqual(text.length);
          expect(text.slice(span.start, span.end)).toBe(span.text);
          expect(span.text).not.toMatch(/^[ \t\n]|[ \t\n]$/);
          before = span.end;
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('parseReasoning on large input', () => {
  it('reads 10 MB of steps', () => {
    const line = 'She sold 48/2 = 24 clips in May, and so on.\n';
    const { problem, steps } = parseReasoning(line.repeat(10_000_000 / line.length));
    expect(problem).toBeUndefined();
    expect(steps).toHaveLength(Math.floor(10_000_000 / line.length));
  });

  const size = 2_000_000;
  it.each([
    ['lines', 'She sold 48/2 = 24 clips in May, and so on.\n'],
    ['one line', 'x'],
    ['empty lines', '\n'],
    ['spaces', ' '],
    ['fences', '```\n'],
    ['dollars on one line', '$$'],
    ['dollars', '$$\n'],
    ['environments never closed', '\\begin{a}\n'],
    ['steps', 'Step 1: go\n'],
    ['numbers', '1. go\n'],
    ['question marks', '?'],
    ['template tokens', '<|system|>'],
    ['markers on one line', '1. '],
  ])(
    'takes linear time: 2 MB of %s',
    (_name, unit) => {
      const text = unit.repeat(size / unit.length);
      const before = process.cpuUsage().user;
      const { steps } = parseReasoning(text);
      // About 0.2 to 1.2 s on one core; anything quadratic takes an hour.
      expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(15);
      expect(steps.length).toBeLessThanOrEqual(size);
    },
    60_000,
  );
});

describe('parseSteps', () => {
  const MARKS = ['[+]', '[-]', '[0]', '[ ]', '[+ 0.75]'];
  const LABELS = ['correct', 'incorrect', 'neutral', 'unlabelled', 'correct'];
  const line = fc.constantFrom(
    ...['It is 48/2 = 24.', 'So x is [0, 1].', '#### 72', 'Step 2: a b', '2. c d', '- e', '', 'Then [sic].'],
  );

  it('reads the same problem and steps with labels as without', () => {
    const step = fc.tuple(line, fc.option(fc.constantFrom(...MARKS), { nil: '' }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, newline) => {
        // A mark alone on a line belongs to no step of that line.
        const marked = lines.map(([text, mark]) => (text === '' || mark === '' ? text : `${text} ${mark}`));
        const plain = [QUESTION, ...lines.map(([text]) => text)].join(newline);
        const read = parseSteps([QUESTION, ...marked].join(newline));
        const expected = parseSteps(plain);
        // Marks inside a problem or a step of several lines are part of its text.
        const inside = (text = ''): string => text.replace(/ \[[-+0 ](?: 0\.75)?\](?=\r?\n)/g, '');
        expect(inside(read.problem?.text)).toBe(expected.problem?.text ?? '');
        expect(read.steps.map(({ text }) => inside(text))).toEqual(expected.steps.map(({ text }) => text));
      }),
    );
  });

  it.each(MARKS.map((mark, index) => [mark, LABELS[index]]))('reads %s as %s', (mark, label) => {
    const free = parseSteps(`${QUESTION}\nIt is 24. ${mark}\n#### 24`);
    const strict = parseSteps(`Problem: ${QUESTION}\nStep 1: It is 24. ${mark}\nStep 2: #### 24`);
    for (const { steps } of [free, strict]) {
      expect(steps.map((step) => step.text)).toEqual(['It is 24.', '#### 24']);
      expect(steps.map((step) => step.mark?.label)).toEqual([label, undefined]);
    }
  });

  it('undoes indents, as a dataset has the text, and leaves markers out', () => {
    const { problem, steps } = parseSteps(
      'Problem: a\n  b\nStep 1: 1. c\n\n    d [-]\nStep 2: [+]\nStep 3: e',
    );
    expect(problem?.text).toBe('a\nb');
    expect(steps.map((step) => step.text)).toEqual(['c\n\n  d', 'e']);
  });

  it('tells brackets that were meant as a label', () => {
    const text = `${QUESTION}\nIt is 24. [yes]\n#### 24`;
    const { steps } = parseSteps(text);
    const mark = steps[0]?.unknownMark;
    expect(mark && text.slice(mark.start, mark.end)).toBe('[yes]');
    expect(steps[0]?.text).toBe('It is 24. [yes]');
  });
});
