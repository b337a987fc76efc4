// Reads a stretch of a document as a problem and steps, whatever kind of document it is.
import { parseReasoning, parseSteps, type ReasoningText } from '../scoring/reasoningText.ts';
import { readJsonRow } from './jsonReading.ts';

/** A comment's or quotation's marker at the start of a line. */
const MARKERS = ['///', '//', '#', '--', ';;', ';', '%', '>', '/**', '*/', '/*', '*'];

/** Documents with a problem and its steps, which may have labels. */
export const STEPS_LANGUAGE = 'prm-steps';

/** Languages in which such a marker is text: a heading, a list, an operator of prose. */
const PROSE = new Set(['plaintext', 'markdown', STEPS_LANGUAGE, 'latex', 'restructuredtext']);

/** Languages in which text that is no row of a dataset holds no reasoning. */
const JSON_LANGUAGES = new Set(['json', 'jsonc', 'jsonl', 'jsonlines', 'ndjson']);

/** Offsets in the answer are offsets into `text`. */
export function readReasoning(text: string, languageId: string): ReasoningText {
  const row = readJsonRow(text);
  if (row !== undefined) return row;
  if (JSON_LANGUAGES.has(languageId)) return { problem: undefined, steps: [] };
  const parse = languageId === STEPS_LANGUAGE ? parseSteps : parseReasoning;
  return parse(blankMarkers(text, languageId));
}

/**
 * Replaces the marker before each line of a comment by spaces, so that every offset stays. Text with a line that has no
 * marker is code and comment mixed, and stays as it is.
 */
export function blankMarkers(text: string, languageId: string): string {
  const isMarker = (line: string): string | undefined => {
    const start = line.trimStart();
    const found = MARKERS.find((marker) => start.startsWith(marker));
    return found !== undefined && PROSE.has(languageId) && found !== '>' ? undefined : found;
  };
  const lines = text.split('\n');
  const written = lines.filter((line) => line.trim() !== '');
  if (written.length === 0 || written.some((line) => isMarker(line) === undefined)) return text;
  return lines
    .map((line) => {
      const marker = isMarker(line) ?? '';
      return line
        .replace(marker, ' '.repeat(marker.length))
        .replace(/\*\/\s*$/, (end) => ' '.repeat(end.length));
    })
    .join('\n');
}
