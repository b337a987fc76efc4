// Where LaTeX stands in a text: $…$, $$…$$, \(…\), \[…\] and display environments. Dollars that are money stay text.

export interface Segment {
  /** UTF-16 offsets into the text. */
  start: number;
  end: number;
  /** Missing: plain text. */
  formula?: Formula;
}

export interface Formula {
  /** Without its delimiters. */
  tex: string;
  display: boolean;
}

/** A longer formula stays text: what one may cost is bounded by its length. */
const MOST_CHARACTERS = 2000;
/** Of one text; further ones stay text. */
const MOST_FORMULAS = 300;

/** What may open a formula; an escaped backslash or dollar is passed over. */
const OPENING = /\\\\|\\\$|\\\(|\\\[|\$\$?|\\begin\{((?:align|gather|equation|alignat|multline)\*?)\}/g;

/** The text from its first to its last character: formulas, and what stands between them. */
export function segmentsOf(text: string): Segment[] {
  const found: Segment[] = [];
  let done = 0;
  let formulas = 0;
  OPENING.lastIndex = 0;
  for (
    let match = OPENING.exec(text);
    match !== null && formulas < MOST_FORMULAS;
    match = OPENING.exec(text)
  ) {
    const segment = formulaAt(text, match);
    if (segment === undefined) continue;
    if (segment.start > done) found.push({ start: done, end: segment.start });
    found.push(segment);
    formulas++;
    done = segment.end;
    OPENING.lastIndex = done;
  }
  if (done < text.length) found.push({ start: done, end: text.length });
  return found;
}

function formulaAt(text: string, opening: RegExpExecArray): Segment | undefined {
  const start = opening.index;
  const [opener, environment] = opening;
  switch (opener) {
    case '\\\\':
    case '\\$':
      return undefined;
    case '\\(':
      return closedBy(text, start, opener, '\\)', false);
    case '\\[':
      return closedBy(text, start, opener, '\\]', true);
    case '$$':
      return closedBy(text, start, opener, '$$', true);
    case '$':
      return betweenDollars(text, start);
    default: {
      // KaTeX reads the environment itself.
      const closer = `\\end{${environment ?? ''}}`;
      const whole = closedBy(text, start, '', closer, true, opener.length);
      if (whole === undefined) return undefined;
      return { ...whole, formula: { tex: text.slice(whole.start, whole.end), display: true } };
    }
  }
}

/** @param skip characters behind `start` in which the closer cannot stand */
function closedBy(
  text: string,
  start: number,
  opener: string,
  closer: string,
  display: boolean,
  skip = opener.length,
): Segment | undefined {
  const from = start + skip;
  const place = text.slice(from, from + MOST_CHARACTERS).indexOf(closer);
  if (place < 0) return undefined;
  const tex = text.slice(start + opener.length, from + place);
  if (tex.trim() === '') return undefined;
  return { start, end: from + place + closer.length, formula: { tex, display } };
}

/** As Pandoc reads them: no space inside the dollars, no digit behind the closing one. */
function betweenDollars(text: string, start: number): Segment | undefined {
  const from = start + 1;
  if (/\s/.test(text.charAt(from)) || /\d/.test(text.charAt(start - 1))) return undefined;
  const end = Math.min(text.length, from + MOST_CHARACTERS);
  for (let at = from; at < end; at++) {
    const character = text.charAt(at);
    if (character === '\\') at++;
    else if (character === '\n' && text.charAt(at + 1) === '\n') return undefined;
    else if (character === '$') {
      const tex = text.slice(from, at);
      if (tex === '' || /\s/.test(text.charAt(at - 1)) || /\d/.test(text.charAt(at + 1))) return undefined;
      if (isMoney(tex)) return undefined;
      return { start, end: at + 1, formula: { tex, display: false } };
    }
  }
  return undefined;
}

/** "$5 for each of the x=$": an amount and prose behind it. */
function isMoney(tex: string): boolean {
  if (!/^\d/.test(tex)) return false;
  const prose =
    tex.replace(/\\[A-Za-z]+\*?(?:\{[^{}]*\})?/g, '').match(/(?<![\w\\])[A-Za-z]{2,}(?!\w)/g) ?? [];
  return prose.length > 1 || prose.some((word) => word.length > 2);
}
