// A step's text without its marker ("Step 3:", "3.", "- "): the same for training data and for text that is scored.

/**
 * Markers that number or list a step. A number needs a space after its dot, so that "3.5 + 1" keeps its number; a dash
 * before a digit is a bullet only where a space follows it.
 */
const MARKER =
  /(?:(?:\*\*|__|#{1,6}[ \t]+)?[Ss](?:tep|TEP)[ \t]*#?\d{1,4}(?:\*\*|__)?[ \t]*(?:[:.)\u2013\u2014-](?:\*\*|__)?|(?:\*\*|__)|(?=\n))|\(?\d{1,4}[.)](?=[ \t\n])|[-*+\u2022][ \t]+(?=\S))\s*/y;

/** Length of the markers and white space that a step begins with; 0 where nothing else would be left. */
export function stepMarkerLength(text: string): number {
  const leading = /\s*/y;
  leading.exec(text);
  let end = leading.lastIndex;
  for (;;) {
    MARKER.lastIndex = end;
    if (!MARKER.test(text) || MARKER.lastIndex >= text.length) return end;
    end = MARKER.lastIndex;
  }
}

/** A step as models read it: markers and surrounding white space removed, lines ended by "\n". Doing it twice changes nothing. */
export function cleanStep(text: string): string {
  return text.slice(stepMarkerLength(text)).trim().replaceAll('\r\n', '\n');
}
