// Annotations and final answers inside JSON strings and Markdown: coloured, and never beyond the string they stand in.
import { beforeAll, describe, expect, it } from 'vitest';
import type { IGrammar, IRawGrammar } from 'vscode-textmate';
import { loadGrammar, pieces } from './grammars.ts';

/** What VS Code's own grammar has of strings; its scopes are those that the injection is selected by. */
function jsonGrammar(suffix: 'json' | 'json.lines'): IRawGrammar {
  const content = [
    { match: '\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})', name: `constant.character.escape.${suffix}` },
    { match: '\\\\.', name: `invalid.illegal.unrecognized-string-escape.${suffix}` },
  ];
  return {
    scopeName: `source.${suffix}`,
    patterns: [
      {
        begin: '"(?=[^"]*":)',
        end: '"',
        name: `string.json support.type.property-name.${suffix}`,
        patterns: content,
      },
      { begin: '"', end: '"', name: `string.quoted.double.${suffix}`, patterns: content },
    ],
    repository: { $self: {}, $base: {} },
  };
}

/** Paragraphs, headings, code: enough of VS Code's Markdown for what the injection must win over or leave alone. */
const MARKDOWN: IRawGrammar = {
  scopeName: 'text.html.markdown',
  patterns: [
    { match: '^#{1,6} .*$', name: 'markup.heading.markdown' },
    { match: '`[^`]*`', name: 'markup.inline.raw.string.markdown' },
    { match: '<(?![a-zA-Z/?$!])', name: 'meta.other.valid-bracket.markdown' },
    { match: '\\\\[-`*_#+.!(){}\\[\\]\\\\>]', name: 'constant.character.escape.markdown' },
  ],
  repository: { $self: {}, $base: {} },
};

const own = (scope: string): boolean => scope.endsWith('.prm');
const short = (found: [string, string][]): [string, string][] =>
  found.map(([text, scope]) => [text, scope.replace(/\.prm$/, '')]);

const ANNOTATION: [string, string][] = [
  ['<<', 'punctuation.definition.annotation.begin'],
  ['48', 'constant.numeric'],
  ['/', 'keyword.operator'],
  ['2', 'constant.numeric'],
  ['=', 'keyword.operator'],
  ['24', 'constant.numeric'],
  ['>>', 'punctuation.definition.annotation.end'],
];

describe.each(['json', 'json.lines'] as const)('in source.%s', (suffix) => {
  let grammar: IGrammar;
  beforeAll(async () => {
    grammar = await loadGrammar({
      scope: `source.${suffix}`,
      grammars: {
        [`source.${suffix}`]: jsonGrammar(suffix),
        'prm.json.injection': 'prm-json.injection.tmLanguage.json',
      },
      injections: ['prm.json.injection'],
    });
  });
  const coloured = (line: string): [string, string][] => short(pieces(grammar, line, own));

  it.each<[string, [string, string][]]>([
    ['{"answer": "48/2 = <<48/2=24>>24"}', ANNOTATION],
    [
      '{"answer": "It is so.\\n#### 1,072"}',
      [
        ['####', 'keyword.control.answer'],
        ['1,072', 'constant.numeric.answer'],
      ],
    ],
    [
      '["#### 72", "x"]',
      [
        ['####', 'keyword.control.answer'],
        ['72', 'constant.numeric.answer'],
      ],
    ],
    [
      '["Thus $\\\\boxed{\\\\frac{1}{2}}$."]',
      [
        ['\\\\boxed', 'keyword.control.answer'],
        ['\\\\frac{1}{2}', 'constant.numeric.answer'],
      ],
    ],
    [
      '["So the answer is $5."]',
      [
        ['the answer is', 'keyword.control.answer'],
        ['$5', 'constant.numeric.answer'],
      ],
    ],
    ['{"<<48/2=24>>": 1}', []],
    ['{"answer": 12}', []],
    ['["a << b", "c >> d"]', []],
    ['["not #### 72 here"]', []],
  ])('%s', (line, expected) => {
    expect(coloured(line)).toEqual(expected);
  });

  it('leaves the end of the string where it is', () => {
    for (const text of ['<<1+1', '#### ', '\\\\boxed{', '\\\\boxed{\\"', 'The answer is', '<<a\\"b>>']) {
      const line = `["${text}", 7]`;
      const { tokens } = grammar.tokenizeLine(line, null);
      expect(tokens.at(-1)?.scopes, line).toEqual([`source.${suffix}`]);
      expect(tokens.at(-1)?.startIndex, line).toBe(line.lastIndexOf('"') + 1);
    }
  });
});

describe('in Markdown', () => {
  let grammar: IGrammar;
  beforeAll(async () => {
    grammar = await loadGrammar({
      scope: 'text.html.markdown',
      grammars: {
        'text.html.markdown': MARKDOWN,
        'prm.markdown.injection': 'prm-markdown.injection.tmLanguage.json',
      },
      injections: ['prm.markdown.injection'],
    });
  });

  it.each<[string, [string, string][]]>([
    ['48/2 = <<48/2=24>>24', ANNOTATION],
    [
      '#### -3.5',
      [
        ['####', 'keyword.control.answer'],
        ['-3.5', 'constant.numeric.answer'],
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
      'The final answer is: 7',
      [
        ['The final answer is', 'keyword.control.answer'],
        ['7', 'constant.numeric.answer'],
      ],
    ],
    ['#### A heading', []],
    ['`<<48/2=24>>`', []],
    ['a << b', []],
  ])('%s', (line, expected) => {
    expect(short(pieces(grammar, line, own))).toEqual(expected);
  });
});
