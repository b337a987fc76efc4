// Finds the equations in a text and evaluates them exactly. Evidence in a model's input, and what hovers show.
import { endOfUnits, readSide, type Side } from './expression.ts';
import { judge, type Judgement, type Verdict } from './judge.ts';
import { isDoubtfulStart, startOfLeftSide } from './leftSide.ts';
import { Lexer, type Annotation, type Token } from './lexer.ts';
import { spoilsAfter } from './units.ts';

export type { Verdict } from './judge.ts';

export interface Equation {
  /** UTF-16 offsets into the text; `text` is what lies between. */
  start: number;
  end: number;
  text: string;
  verdict: Verdict;
  /** One sentence for people: "3 x 4 = 13 fails: the left side is 12". */
  explanation: string;
}

/** A chain of sides joined by relations, as token indices. */
interface Chain {
  from: number;
  to: number;
  judgements: Judgement[];
}

const HAS_RELATION = /[=≈≅≃]|\\(?:approx|simeq|cong)/;
const MAX_SHOWN = 100;

/**
 * Every equation of a text, ordered by end. `fails` is said only where the reading is safe; what looks like an equation
 * and cannot be evaluated (variables, units that convert, too large numbers) is `unsure`. In a chain (2*3 = 6 = 12/2)
 * one wrong link makes it fail, and one right link is enough to hold where the others cannot be told.
 *
 * An annotation with the prose around it (`48/2 = <<48/2=24>>24`) is one equation where both say the same; where they
 * differ both are listed, the annotation first and inside the other. Otherwise equations do not overlap.
 * Takes time linear in the text's length.
 */
export function findEquations(text: string): Equation[] {
  if (!HAS_RELATION.test(text)) return [];
  const { tokens, annotations } = new Lexer(text, 0, text.length).run();
  const prose = findChains(tokens).map((chain) => {
    const [first, last] = [tokens[chain.from], tokens[chain.to - 1]];
    return equation(text, first?.start ?? 0, last?.end ?? 0, chain.judgements);
  });
  const marked = annotations.flatMap((annotation) => evaluateAnnotation(text, annotation) ?? []);
  return merged(prose, marked);
}

function findChains(tokens: readonly Token[], marked = false): Chain[] {
  const relations: number[] = [];
  for (const [index, token] of tokens.entries()) if (token.kind === 'relation') relations.push(index);
  const chains: Chain[] = [];
  let floor = 0;
  for (let at = 0; at < relations.length; at++) {
    const relation = relations[at] ?? 0;
    const from = startOfLeftSide(tokens, floor, relation);
    const left = from === relation ? undefined : readSide(tokens, from, relation, 'hundredths');
    if (left?.next !== relation) {
      floor = relation + 1;
      continue;
    }
    const doubtful = isDoubtfulStart(tokens, floor, from) || endsInProse(tokens, relation);
    const chain: Chain = { from, to: relation, judgements: [] };
    let [sideFrom, side] = [from, left];
    for (;;) {
      const here = relations[at] ?? 0;
      const limit = relations[at + 1] ?? tokens.length;
      const right = readSide(tokens, here + 1, limit, 'hundredths');
      if (right === undefined) break;
      const ends = right.next !== limit || limit === tokens.length;
      const first = chain.judgements.length === 0;
      chain.judgements.push(
        judge({
          tokens,
          left: { from: sideFrom, side },
          right: { from: here + 1, to: right.next, side: right },
          approximate: tokens[here]?.text === '≈',
          chained: !first,
          marked,
          doubt:
            first && doubtful
              ? 'it is part of a longer expression'
              : ends
                ? doubtAfter(tokens, right)
                : undefined,
        }),
      );
      chain.to = right.next;
      if (ends) break;
      [sideFrom, side] = [here + 1, right];
      at++;
    }
    floor = Math.max(chain.to, relation + 1);
    if (chain.judgements.length > 0) chains.push(chain);
  }
  return chains;
}

/** "29 + 24 decorations already up = 83": more words than a unit has. */
function endsInProse(tokens: readonly Token[], relation: number): boolean {
  let words = 0;
  for (let index = relation - 1; tokens[index]?.kind === 'word'; index--) {
    words = tokens[index]?.text === 'per' ? 0 : words + 1;
  }
  return words >= 3;
}

/** Why what follows an expression may belong to it. */
function doubtAfter(tokens: readonly Token[], side: Side): string | undefined {
  const reason = 'the expression goes on in words';
  const after = tokens[side.next];
  switch (after?.kind) {
    case 'word': {
      if (spoilsAfter(after.text)) return reason;
      const number = after.text === 'and' && tokens[side.next + 1]?.kind === 'number';
      if (number && tokens[side.next + 2]?.text === '/') return reason;
      const end = endOfUnits(tokens, side.next, tokens.length);
      const sign = tokens[end];
      return sign?.kind === 'operator' && '+*/'.includes(sign.text) && tokens[end + 1]?.kind !== 'break'
        ? reason
        : undefined;
    }
    case 'operator':
      // A dash before a word, and a star that closes emphasis, end an expression.
      return after.text === '-' && tokens[side.next + 1]?.kind === 'word'
        ? undefined
        : tokens[side.next + 1] === undefined || tokens[side.next + 1]?.kind === 'break'
          ? undefined
          : 'it is part of a longer expression';
    case 'open':
      return after.spaced ? undefined : 'it is part of a longer expression';
    case 'number':
    case 'variable':
    case 'unknown':
    case 'fraction':
      return 'it is part of a longer expression';
    case undefined:
    case 'break':
    case 'relation':
    case 'close':
    case 'percent':
    case 'currency':
      return undefined;
  }
}

/** The calculation inside `<<…>>`; undefined where it has no relation. */
function evaluateAnnotation(text: string, { start, end }: Annotation): Equation | undefined {
  const { tokens } = new Lexer(text, start + 2, end - 2).run();
  if (!tokens.some((token) => token.kind === 'relation')) return undefined;
  const [chain, ...others] = findChains(tokens, true);
  const whole = chain?.from === 0 && chain.to === tokens.length && others.length === 0;
  return equation(
    text,
    start,
    end,
    whole ? chain.judgements : [{ verdict: 'unsure', note: 'it is not a complete calculation' }],
  );
}

function equation(text: string, start: number, end: number, judgements: readonly Judgement[]): Equation {
  const decisive =
    judgements.find(({ verdict }) => verdict === 'fails') ??
    judgements.find(({ verdict }) => verdict === 'holds') ??
    judgements[0];
  const { verdict, note } = decisive ?? { verdict: 'unsure', note: '' };
  const slice = text.slice(start, end);
  return { start, end, text: slice, verdict, explanation: explain(slice, verdict, note) };
}

function explain(text: string, verdict: Verdict, note: string): string {
  const plain = text.startsWith('<<') ? text.slice(2, -2) : text.replace(/<<[^<>]*>>/g, '');
  const line = plain.replace(/\s+/g, ' ');
  const shown = line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
  switch (verdict) {
    case 'holds':
      return note === '' ? `${shown} holds` : `${shown} holds (${note})`;
    case 'fails':
      return `${shown} fails: ${note}`;
    case 'unsure':
      return `${shown} cannot be checked: ${note}`;
  }
}

/** One equation where an annotation and the prose around it agree, or where only one of them can be told. */
function merged(prose: readonly Equation[], marked: readonly Equation[]): Equation[] {
  const result: Equation[] = [];
  let next = 0;
  for (const around of prose) {
    let outer: Equation | undefined = around;
    for (let inner = marked[next]; inner !== undefined && inner.start < around.end; inner = marked[++next]) {
      if (inner.start < around.start || inner.end > around.end) result.push(inner);
      else if (outer.verdict === 'unsure')
        outer = { ...inner, start: around.start, end: around.end, text: around.text };
      else if (inner.verdict !== 'unsure' && inner.verdict !== outer.verdict) result.push(inner);
    }
    result.push(outer);
  }
  return [...result, ...marked.slice(next)];
}
