// Text from a dataset made harmless to look at: what would hide, reorder or steer (a terminal) is written out.

/** C0 and C1 control characters, DEL, both line separators, lone surrogates. */
const CONTROL = /[\p{Cc}\u2028\u2029\p{Cs}]/u;
/** Marks that reorder the text around them (Unicode TR 9), or that nobody sees; joiners of emoji and scripts stay. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

const UNSEEN = new RegExp(`${CONTROL.source}|${INVISIBLE.source}`, 'gu');
const UNSEEN_IN_LINES = new RegExp(`\\r\\n|${CONTROL.source}|${INVISIBLE.source}`, 'gu');

/**
 * One line: tabs and line breaks become spaces, other control characters their pictures (␛), what reorders or hides
 * its code (⟨U+202E⟩), a lone surrogate the replacement character.
 */
export function visibleLine(text: string): string {
  return text.replace(UNSEEN, visible);
}

/** As `visibleLine`, but line breaks stay (as "\n"). */
export function visibleLines(text: string): string {
  return text.replace(UNSEEN_IN_LINES, (found) =>
    found === '\n' || found === '\r\n' ? '\n' : visible(found),
  );
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if ((code >= 0x09 && code <= 0x0d) || code === 0x85 || code === 0x2028 || code === 0x2029) return ' ';
  // The block "Control Pictures" follows the order of the controls.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** The first `length` UTF-16 units of a text, one fewer where a character would be cut in two. */
export function textStart(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
