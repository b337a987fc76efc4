// Learns byte-pair merges (Sennrich et al., 2016) over GPT-2's printable byte alphabet. Deterministic.

/**
 * GPT-2's printable stand-ins for the 256 bytes, indexed by byte: printable Latin-1 stands for itself, every other byte
 * for a character from U+0100 on (https://github.com/openai/gpt-2/blob/master/src/encoder.py, `bytes_to_unicode`).
 */
export function byteAlphabet(): string[] {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

/** A word as its current pieces, with how often it occurs. */
interface Word {
  pieces: string[];
  count: number;
}

/** Words joined by a character that is not in the alphabet. */
const JOINT = '\u0000';

/**
 * The `limit` best merges, in order: each joins the pair of neighbouring pieces that occurs most often; of equally
 * frequent pairs the first in code unit order. Stops early where no pair occurs twice.
 *
 * @param words text cut into words, with counts; merges never cross a word's border
 */
export function learnMerges(words: ReadonlyMap<string, number>, limit: number): [string, string][] {
  const alphabet = byteAlphabet();
  const encoder = new TextEncoder();
  const list: Word[] = [];
  for (const [text, count] of words) {
    const pieces = Array.from(encoder.encode(text), (byte) => alphabet[byte] ?? '');
    if (pieces.length > 1) list.push({ pieces, count });
  }

  const counts = new Map<string, number>();
  /** Words that hold a pair, or once held it. */
  const holders = new Map<string, Set<Word>>();
  const addPairs = (word: Word, sign: 1 | -1) => {
    for (let index = 1; index < word.pieces.length; index++) {
      const pair = `${word.pieces[index - 1]}${JOINT}${word.pieces[index]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + sign * word.count);
      if (sign === -1) continue;
      const set = holders.get(pair);
      if (set === undefined) holders.set(pair, new Set([word]));
      else set.add(word);
    }
  };
  for (const word of list) addPairs(word, 1);

  const merges: [string, string][] = [];
  while (merges.length < limit) {
    let best = '';
    let bestCount = 1;
    for (const [pair, count] of counts) {
      if (count > bestCount || (count === bestCount && best !== '' && pair < best))
        [best, bestCount] = [pair, count];
    }
    if (best === '') break;
    const [left = '', right = ''] = best.split(JOINT);
    merges.push([left, right]);
    for (const word of holders.get(best) ?? []) {
      addPairs(word, -1);
      word.pieces = joined(word.pieces, left, right);
      addPairs(word, 1);
    }
    counts.delete(best);
    holders.delete(best);
  }
  return merges;
}

/** The pieces with every `left`, `right` neighbourhood made one, from the left. */
function joined(pieces: readonly string[], left: string, right: string): string[] {
  const result: string[] = [];
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? '';
    if (piece === left && pieces[index + 1] === right) {
      result.push(left + right);
      index++;
    } else {
      result.push(piece);
    }
  }
  return result;
}
