// The grammar of `.steps` files, tokenised as VS Code does it.
import { beforeAll, describe, expect, it } from 'vitest';
import type { IGrammar } from 'vscode-textmate';
import { loadGrammar, pieces } from './grammars.ts';

const SCOPE = 'text.prm-steps';

let grammar: IGrammar;

beforeAll(async () => {
  grammar = await loadGrammar({ scope: SCOPE, grammars: { [SCOPE]: 'prm-steps.tmLanguage.json' } });
});

/** The pieces of a line that have a scope of their own. */
function coloured(line: string): [string, string][] {
  return pieces(grammar, line, (scope) => scope !== SCOPE).map(([text, scope]) => [
    text,
    scope.replace('.prm-steps', ''),
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
    ['Four of them. [+]', [['[+]', 'markup.inserted.label.correct']]],
    ['Four of them. [-]  ', [['[-]', 'markup.deleted.label.incorrect']]],
    ['Four of them. [0]', [['[0]', 'markup.changed.label.neutral']]],
    ['Four of them. [ ]', [['[ ]', 'comment.label.unlabelled']]],
    ['Four of them. [+ 0.75]', [['[+ 0.75]', 'markup.inserted.label.correct']]],
    [
      'Step 2: [+]',
      [
        ['Step 2:', 'entity.name.section.step'],
        ['[+]', 'markup.inserted.label.correct'],
      ],
    ],
    [
      '#### 72 [-]',
      [
        ['####', 'keyword.control.answer'],
        ['72', 'constant.numeric.answer'],
        ['[-]', 'markup.deleted.label.incorrect'],
      ],
    ],
    [
      'Step 4: #### 45 [+]',
      [
        ['Step 4:', 'entity.name.section.step'],
        ['####', 'keyword.control.answer'],
        ['45', 'constant.numeric.answer'],
        ['[+]', 'markup.inserted.label.correct'],
      ],
    ],
    ['a [ok] b', []],
  ])('%j', (line, expected) => {
    expect(coloured(line)).toEqual(expected);
  });

  it('does not carry an open annotation into the next', () => {
    const { ruleStack } = grammar.tokenizeLine('half <<48/2', null);
    const { tokens } = grammar.tokenizeLine('plain', ruleStack);
    expect(tokens.map(({ scopes }) => scopes)).toEqual([['text.prm-steps']]);
  });
});
