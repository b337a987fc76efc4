// A range of a document that keeps its place while the document is edited.

/** Offsets in UTF-16 units; `end` is not included. */
export interface Region {
  start: number;
  end: number;
}

/** One replacement: what lay between `start` and `end` became `text`. */
export interface Edit extends Region {
  text: string;
}

/**
 * Where a region lies after an edit. Text typed at its edges belongs to it, since it changes what a reader sees as
 * that step; a line break there does not, since it begins other text.
 */
export function moveRegion(region: Region, edit: Edit): Region {
  const growth = edit.text.length - (edit.end - edit.start);
  const isEmpty = region.start === region.end;
  if (edit.end < region.start || (edit.end === region.start && !isEmpty && edit.text.endsWith('\n'))) {
    return { start: region.start + growth, end: region.end + growth };
  }
  if (edit.start > region.end || (edit.start === region.end && !isEmpty && edit.text.startsWith('\n'))) {
    return region;
  }
  const insertedEnd = edit.start + edit.text.length;
  return {
    start: Math.min(region.start, edit.start),
    end: edit.end >= region.end ? insertedEnd : region.end + growth,
  };
}

/**
 * Puts a region back on the text that it once held, where an edit (an undo, mostly) brought it back. An undo gives the
 * text back in pieces of its own choice, so the region may have become wider, narrower or empty meanwhile.
 * @param around how far beside the region the edit reached
 */
export function snapRegion(region: Region, around: Region, original: string, document: string): Region {
  if (original === '') return region;
  const from = Math.min(region.start, around.start);
  const to = Math.max(region.end, around.end);
  if (to - from < original.length) return region;
  const found = document.slice(from, to).indexOf(original);
  return found === -1 ? region : { start: from + found, end: from + found + original.length };
}
