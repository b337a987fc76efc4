// Reasoning in comments and quotations: markers are made blank, offsets stay.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankMarkers, readReasoning } from '../../../server/src/language/reading.ts';

describe('markers', () => {
  it.each([
    ['typescript', '// How many?\n// Step 1: 1 + 1 = 2.', '   How many?\n   Step 1: 1 + 1 = 2.'],
    ['python', '# How many?\n#\n# Step 1: 2.', '  How many?\n \n  Step 1: 2.'],
    ['c', '/* How many?\n * Step 1: 2 * 3 = 6. */', '   How many?\n   Step 1: 2 * 3 = 6.   '],
    ['markdown', '> How many?\n>\n> Step 1: 2.', '  How many?\n \n  Step 1: 2.'],
    ['sql', '-- How many?\n-- Step 1: 2.', '   How many?\n   Step 1: 2.'],
  ])('of %s are made blank', (language, text, expected) => {
    expect(blankMarkers(text, language)).toBe(expected);
  });

  it.each([
    ['a heading in Markdown', 'markdown', '# How many?\n# Step 1: 2.'],
    ['a list in plain text', 'plaintext', '* one\n* two'],
    ['code among comments', 'typescript', '// How many?\nconst a = 1;\n// Step 1: 2.'],
    ['no text', 'typescript', '\n \n'],
  ])('stay in %s', (_, language, text) => {
    expect(blankMarkers(text, language)).toBe(text);
  });

  it('never move anything', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('// ', ' * ', 'text', '*/', '\n', '# ', '/*')), (parts) => {
        const text = parts.join('');
        const blank = blankMarkers(text, 'typescript');
        expect(blank).toHaveLength(text.length);
        [...blank].forEach((character, index) => {
          if (character !== ' ') expect(character).toBe(text[index]);
        });
      }),
    );
  });
});

it('reads a problem and its steps in a comment, each at its place', () => {
  const text =
    '  // How many eggs are there?\n  //\n  // Step 1: 4 * 12 = 48.\n  // Step 2: The answer is 48.';
  const { problem, steps } = readReasoning(text, 'rust');
  expect(problem?.text).toBe('How many eggs are there?');
  expect(steps.map((step) => text.slice(step.start, step.end))).toEqual([
    '4 * 12 = 48.',
    'The answer is 48.',
  ]);
});

describe('a row of a dataset', () => {
  it('is read whatever its layout, each step at its string', () => {
    const text =
      '{"prompt": "<|user|>\\nHow many?<|end|>\\n<|assistant|>\\n", "completions": ["Step 1: \\"2\\".", "", "#### 2"], "labels": [true]}\n';
    const { problem, steps } = readReasoning(text, 'jsonl');
    expect(problem?.text).toBe('How many?');
    expect(steps.map((step) => step.text)).toEqual(['"2".', '#### 2']);
    expect(steps.map((step) => text.slice(step.start, step.end))).toEqual(['Step 1: \\"2\\".', '#### 2']);
  });

  it.each([
    ['two rows', '{"problem": "a", "steps": ["b"]}\n{"problem": "a", "steps": ["b"]}'],
    ['half a row', '{"problem": "a", "steps": ["b"'],
    ['a row without steps', '{"question": "a", "answer": "b"}'],
    ['no row', '"one"\n"two"'],
  ])('is not what %s is, and JSON is no prose', (_, text) => {
    expect(readReasoning(text, 'json')).toEqual({ problem: undefined, steps: [] });
  });
});
