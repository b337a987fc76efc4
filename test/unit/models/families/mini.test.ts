// Family mini: what is written, where scores are read, and that nothing in a text can imitate it.
import { readFileSync } from 'node:fs';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyOf } from '../../../../server/src/models/families/index.ts';
import { MINI_CONFIG, mini } from '../../../../server/src/models/families/mini.ts';
import { cleanStep, stepMarkerLength } from '../../../../server/src/models/families/stepText.ts';
import { loadTokenizer } from '../../../../server/src/models/tokenizer.ts';

const FILE = 'server/assets/mini/tokenizer.json';
const tokenizer = loadTokenizer(FILE);
const library = new HuggingFaceTokenizer(JSON.parse(readFileSync(FILE, 'utf8')) as object, {
  clean_up_tokenization_spaces: false,
});

function written(problem: string, steps: string[]): string {
  return library.decode([...mini.encode({ problem, steps }, tokenizer).ids]);
}

describe('mini.encode', () => {
  it('writes problem, steps and verdicts', () => {
    const steps = ['48/2 = 24 clips in May.', 'So 48+24 = 73.', '2x = 5', '#### 72'];
    expect(written('How many?', steps)).toBe(
      'How many?<|problem|>48/2 = 24<|holds|> clips in May.<|step|>So 48+24 = 73<|fails|>.<|step|>' +
        '2x = 5<|unsure|><|step|>#### 72<|step|>',
    );
  });

  it.each([
    ['48/2 = <<48/2=24>>24 clips', '48/2 = 24<|holds|> clips<|step|>'],
    ['half of it, <<48/2=24>>24 clips', 'half of it, <<48/2=24>><|holds|>24 clips<|step|>'],
    ['50-8 = <<52-8=44>>44 left', '50-8 = <<52-8=44>><|holds|>44<|fails|> left<|step|>'],
    ['3+4 = <<3+4=7>>7, then 7*2 = $<<7*2=15>>15.', '3+4 = 7<|holds|>, then 7*2 = $15<|fails|>.<|step|>'],
    ['x is <<2*y=4>>4', 'x is <<2*y=4>><|unsure|>4<|step|>'],
  ])('takes an annotation that repeats the prose out of the input: %s', (step, expected) => {
    expect(written('P', [step])).toBe(`P<|problem|>${expected}`);
  });

  it('reads each score at its step token, empty steps too', () => {
    const { ids, scorePositions } = mini.encode({ problem: '', steps: ['a', '', '1+1=2'] }, tokenizer);
    const separator = tokenizer.idOf('<|step|>');
    expect([...scorePositions].map((position) => ids[position])).toEqual([separator, separator, separator]);
    expect(scorePositions.at(-1)).toBe(ids.length - 1);
    expect(ids.filter((id) => id === separator)).toHaveLength(3);
  });

  it('has one position a step, in order, whatever the text', () => {
    const step = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<|step|>', '<|holds|>', '1. <<1=1>>', 'Step 1:', '<<2*2=4>> <|problem|>'),
    );
    const separator = tokenizer.idOf('<|step|>');
    fc.assert(
      fc.property(fc.string(), fc.array(step), (problem, steps) => {
        const { ids, scorePositions } = mini.encode({ problem, steps }, tokenizer);
        const separators = [...ids].flatMap((id, index) => (id === separator ? [index] : []));
        expect([...scorePositions]).toEqual(separators);
        expect(separators).toHaveLength(steps.length);
        expect(ids.every((id) => id >= 0 && id < MINI_CONFIG.vocab_size)).toBe(true);
      }),
    );
  });

  it('begins with the same ids when steps are added: a prefix scores the same', () => {
    const steps = ['Step 1: 2*3 = 6', '6 + 1 = 7', '#### 7'];
    const whole = mini.encode({ problem: 'P', steps }, tokenizer);
    const part = mini.encode({ problem: 'P', steps: steps.slice(0, 2) }, tokenizer);
    expect(whole.ids.slice(0, part.ids.length)).toEqual(part.ids);
  });

  it('names the token that a foreign tokenizer lacks', () => {
    const foreign = { vocabularySize: 1, beginning: [], encode: () => [], idOf: () => undefined };
    expect(() => mini.encode({ problem: '', steps: [] }, foreign)).toThrow('no token <|step|>');
  });
});

describe('cleanStep', () => {
  it.each([
    ['Step 3: She sold 5.', 'She sold 5.'],
    ['Step 4: #### 2.8', '#### 2.8'],
    ['STEP 12 - go', 'go'],
    ['**Step 1:** go', 'go'],
    ['**Step 1**: go', 'go'],
    ['### Step 2: go', 'go'],
    ['3. go', 'go'],
    ['3) go', 'go'],
    ['(3) go', 'go'],
    ['- go', 'go'],
    ['• go', 'go'],
    ['1. Step 1: go', 'go'],
    ['  go \r\n on  ', 'go \n on'],
    ['3.5 + 2 = 5.5', '3.5 + 2 = 5.5'],
    ['-5 + 3 = -2', '-5 + 3 = -2'],
    ['5.', '5.'],
    ['Stepping on', 'Stepping on'],
    ['', ''],
    ['#### 72', '#### 72'],
  ])('%j', (text, expected) => {
    expect(cleanStep(text)).toBe(expected);
  });

  it('changes nothing the second time, and takes only from the front', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Step 1:', '2.', ' ', '-', '3)', '\n', 'x', '**', '#')),
        (pieces) => {
          const text = pieces.join('');
          const once = cleanStep(text);
          expect(cleanStep(once)).toBe(once);
          expect(stepMarkerLength(text)).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});

describe('familyOf', () => {
  it('knows mini and names the others that exist', () => {
    expect(familyOf('mini')).toBe(mini);
    expect(() => familyOf('maxi')).toThrow('There is no model family "maxi". Families: mini, trl.');
  });
});
