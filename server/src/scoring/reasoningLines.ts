// Cuts a text into lines for the reader of reasoning: code, display math and environments stay whole.

/** One line, or a block of lines that belong together. Offsets are UTF-16, white space around is left out. */
export interface Line {
  start: number;
  end: number;
  text: string;
  /** Columns before the text; a tab counts as four. */
  indent: number;
  /** An empty line, or the text's begin, stands before it. */
  opensParagraph: boolean;
}

/** What opens a block. It is closed by the same fence, or by the bracket or `\\end` that belongs to it. */
const OPENS = /^(?:```+|~~~+)|\$\$|\\\[|\\begin\{([a-zA-Z]{1,20}\*?)\}/g;

/** A block that is not closed within so many lines is none: a forgotten `$$` must not swallow the document. */
const MAX_BLOCK_LINES = 100;

/** The lines of a text that hold something. Takes time linear in the text's length. */
export function readLines(text: string): Line[] {
  const raw = rawLines(text);
  const lines: Line[] = [];
  let afterEmpty = true;
  for (let index = 0; index < raw.length; index++) {
    const first = raw[index];
    if (first === undefined || first.text === '') {
      afterEmpty = true;
      continue;
    }
    const last = endOfBlock(raw, index);
    const end = raw[last]?.end ?? first.end;
    lines.push({ ...first, end, text: text.slice(first.start, end), opensParagraph: afterEmpty });
    afterEmpty = false;
    index = last;
  }
  return lines;
}

/** Every line, empty ones too. */
function rawLines(text: string): Omit<Line, 'opensParagraph'>[] {
  const lines: Omit<Line, 'opensParagraph'>[] = [];
  for (let from = 0; from <= text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline === -1 ? text.length : newline;
    const whole = text.slice(from, to);
    const content = whole.trim();
    const lead = whole.length - whole.trimStart().length;
    const start = content === '' ? from : from + lead;
    const indent = whole.slice(0, lead).replaceAll('\t', '    ').length;
    lines.push({ start, end: start + content.length, text: content, indent });
    from = to + 1;
  }
  return lines;
}

/** Index of the last line of the block that opens on line `first`, `first` where none opens or none closes. */
function endOfBlock(raw: readonly { text: string }[], first: number): number {
  let last = first;
  let from = 0;
  for (;;) {
    const text = raw[last]?.text ?? '';
    OPENS.lastIndex = from;
    const opened = OPENS.exec(text);
    if (opened === null) return last;
    const close = closing(opened);
    let line = last;
    let closed = text.indexOf(close, OPENS.lastIndex);
    while (closed === -1) {
      const next = raw[++line]?.text;
      if (next === undefined || line - first > MAX_BLOCK_LINES) return last;
      closed = next.indexOf(close);
    }
    last = line;
    from = closed + close.length;
  }
}

function closing([opened, environment]: RegExpExecArray): string {
  if (environment !== undefined) return `\\end{${environment}}`;
  return opened === '\\[' ? '\\]' : opened;
}
