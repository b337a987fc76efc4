// The grammar of `.steps` files, tokenised as VS Code does it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';

const GRAMMAR = path.resolve(import.meta.dirname, '../../../syntaxes/prm-steps.tmLanguage.json');

let grammar: IGrammar;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await oniguruma.loadWASM(await readFile(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(await readFile(GRAMMAR, 'utf8'), GRAMMAR),
  });
  const loaded = await registry.loadGrammar('text.prm-steps');
  if (loaded === null) throw new Error('The grammar was not loaded.');
  grammar = loaded;
});

/** The pieces of a line that have a scope of their own, with its first two parts. */
function coloured(line: string): [string, string][] {
  return grammar
    .tokenizeLine(line, null)
    .tokens.filter(({ scopes }) => scopes.length > 1)
    .map(({ startIndex, endIndex, scopes }) => [
      line.slice(startIndex, endIndex),
      (scopes.at(-1) ?? '').replace('.prm-steps', ''),
    ]);
}

describe('a line', () => {
  it.each([
    ['Problem: How many?', [['Problem:', 'markup.heading']]],
    ['# Problem', [['# Problem', 'markup.heading']]],
    ['The problem is hard.', []],
    ['Step 3: It is so.', [['Step 3:', 'entity.name.section.step']]],
    ['  2) Next.', [['2)', 'entity.name.section.step']]],
    ['- A bullet.', [['-', 'entity.name.section.step']]],
    [
      '#### 1,072',
      [
        ['####', 'keyword.control.answer'],
        ['1,072', 'constant.numeric.answer'],
      ],
    ],
    [
      'So the answer is $5.',
      [
        ['the answer is', 'keyword.control.answer'],
        ['$5', 'constant.numeric'],
      ],
    ],
    [
      'Thus \\boxed{72}',
      [
        ['\\boxed', 'keyword.control.answer'],
        ['72', 'constant.numeric.answer'],
      ],
    ],
    [
      'It is 3 x 4.5 = 13.5',
      [
        ['3', 'constant.numeric'],
        ['x', 'keyword.operator'],
        ['4.5', 'constant.numeric'],
        ['=', 'keyword.operator'],
        ['13.5', 'constant.numeric'],
      ],
    ],
    [
      'She sold <<48/2=24>>24',
      [
        ['<<', 'punctuation.definition.annotation.begin'],
        ['48', 'constant.numeric'],
        ['/', 'keyword.operator'],
        ['2', 'constant.numeric'],
        ['=', 'keyword.operator'],
        ['24', 'constant.numeric'],
        ['>>', 'punctuation.definition.annotation.end'],
        ['24', 'constant.numeric'],
      ],
    ],
    ['A well-known box', []],
  ])('%j', (line, expected) => {
    expect(coloured(line)).toEqual(expected);
  });

  it('does not carry an open annotation into the next', () => {
    const { ruleStack } = grammar.tokenizeLine('half <<48/2', null);
    const { tokens } = grammar.tokenizeLine('plain', ruleStack);
    expect(tokens.map(({ scopes }) => scopes)).toEqual([['text.prm-steps']]);
  });
});
