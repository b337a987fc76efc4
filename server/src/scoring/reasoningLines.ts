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

/** What opens a block, and what then ends it, on the same line or a later one. */
const BLOCKS: readonly { opens: RegExp; closes: (opened: RegExpExecArray) => string }[] = [
  { opens: /^(```+|~~~+)/, closes: ([, fence = '']) => fence },
  { opens: /\$\$/, closes: () => '$$' },
  { opens: /\\\[/, closes: () => '\\]' },
  { opens: /\\begin\{([a-zA-Z]{1,20}\*?)\}/, closes: ([, name = '']) => `\\end{${name}}` },
];

/** A block that is not closed within so many lines is none: a forgotten `$$` must not swallow the document. */
const MAX_BLOCK_LINES = 200;

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
  let rest = raw[first]?.text ?? '';
  for (;;) {
    const found = firstBlock(rest);
    if (found === undefined) return last;
    const { close, after } = found;
    rest = rest.slice(after);
    let line = last;
    let closed = rest.indexOf(close);
    while (closed === -1) {
      line++;
      const text = raw[line]?.text;
      if (text === undefined || line - first > MAX_BLOCK_LINES) return last;
      rest = text;
      closed = rest.indexOf(close);
    }
    last = line;
    rest = rest.slice(closed + close.length);
  }
}

function firstBlock(text: string): { close: string; after: number } | undefined {
  let best: { close: string; after: number; at: number } | undefined;
  for (const { opens, closes } of BLOCKS) {
    const opened = opens.exec(text);
    if (opened === null || (best !== undefined && opened.index >= best.at)) continue;
    best = { close: closes(opened), after: opened.index + opened[0].length, at: opened.index };
  }
  return best;
}
