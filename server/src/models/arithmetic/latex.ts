// LaTeX commands inside arithmetic: \frac, \times, \text{ apples}, \$, \boxed, … as tokens of the lexer.
import type { Lexer } from './lexer.ts';

const COMMAND = /\\(?:[a-zA-Z]+|[^a-zA-Z])/y;
const TEXT_GROUP = /\s*\{([^{}\\]{0,200})\}/y;

const OPERATORS: Readonly<Record<string, string>> = { times: '*', cdot: '*', ast: '*', div: '/' };
/** Layout, without a meaning: sizes, styles, math delimiters. */
const IGNORED = new Set(
  'big Big bigl bigr Bigl Bigr displaystyle textstyle boxed mathbf boldsymbol bf rm it ( ) [ ]'.split(' '),
);
const SPACES = new Set([',', ';', ':', '!', ' ', 'quad', 'qquad', 'hspace', 'enspace', 'thinspace']);
const TEXTS = new Set(['text', 'mathrm', 'textrm', 'mbox', 'textbf', 'textit', 'operatorname', 'hbox']);
const ENDS = new Set(
  'neq ne leq le geq ge lt gt Rightarrow Longrightarrow implies to rightarrow iff equiv begin end pm mp item'.split(
    ' ',
  ),
);

/** Reads the command at the lexer's position. */
export function readCommand(lexer: Lexer): void {
  const { text, position } = lexer;
  COMMAND.lastIndex = position;
  const written = COMMAND.exec(text)?.[0] ?? '\\';
  const end = Math.min(lexer.end, position + written.length);
  const name = written.slice(1);
  const operator = OPERATORS[name];
  if (operator !== undefined) lexer.push('operator', end, operator);
  else if (name === 'frac' || name === 'dfrac' || name === 'tfrac' || name === 'cfrac')
    lexer.push('fraction', end, name);
  else if (name === 'left' || name === 'right') readDelimiter(lexer, end);
  else if (IGNORED.has(name)) lexer.skip(end);
  else if (SPACES.has(name)) lexer.skip(end, true);
  else if (name === '\\') lexer.lineBreak(end);
  else if (name === '$') lexer.push('currency', end, '$');
  else if (name === '%') lexer.push('percent', end, '%');
  else if (name === '{') lexer.push('open', end, '{');
  else if (name === '}') lexer.push('close', end, '}');
  else if (name === 'approx' || name === 'simeq' || name === 'cong') lexer.push('relation', end, '≈');
  else if (name === 'circ') lexer.push('word', end, 'degree');
  else if (TEXTS.has(name)) readText(lexer, end);
  else if (ENDS.has(name)) lexer.push('break', end, name);
  else lexer.push('unknown', end, name);
}

/** `\left(` and `\right)` are one parenthesis each. */
function readDelimiter(lexer: Lexer, commandEnd: number): void {
  const delimiter = lexer.text.charAt(commandEnd);
  if ('(['.includes(delimiter) && delimiter !== '') lexer.push('open', commandEnd + 1, delimiter);
  else if (')]'.includes(delimiter) && delimiter !== '') lexer.push('close', commandEnd + 1, delimiter);
  else lexer.skip(commandEnd);
}

/** `\text{ apples}` is a word; `\textbf{24}` is the number in it. */
function readText(lexer: Lexer, commandEnd: number): void {
  TEXT_GROUP.lastIndex = commandEnd;
  const content = TEXT_GROUP.exec(lexer.text)?.[1];
  if (content === undefined || /\d/.test(content) || TEXT_GROUP.lastIndex > lexer.end) lexer.skip(commandEnd);
  else if (/^[\s.]*$/.test(content)) lexer.skip(TEXT_GROUP.lastIndex, true);
  else lexer.push('word', TEXT_GROUP.lastIndex, content.trim().toLowerCase());
}
