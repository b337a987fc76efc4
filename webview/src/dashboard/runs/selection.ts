// Which runs are compared after a click or a key.
import { MOST_COMPARED } from '../state.ts';

/** `only` this run; `toggle` it; all from the last one that was chosen `to` this one. */
export type Choice = 'only' | 'toggle' | 'to';

export interface Selection {
  /** In the order of their colours: a run keeps its colour while others come and go behind it. */
  selected: string[];
  /** More were wanted than can be compared. */
  full: boolean;
}

/**
 * @param listed folders of the runs as listed
 * @param anchor the run chosen last, from which `to` counts
 */
export function choose(
  listed: readonly string[],
  selected: readonly string[],
  folder: string,
  choice: Choice,
  anchor: string | undefined,
): Selection {
  switch (choice) {
    case 'only':
      return { selected: [folder], full: false };
    case 'toggle':
      if (!selected.includes(folder)) return limited([...selected, folder]);
      // One is always shown.
      return {
        selected: selected.length === 1 ? [folder] : selected.filter((one) => one !== folder),
        full: false,
      };
    case 'to':
      return limited([...new Set([...selected, ...between(listed, anchor ?? folder, folder)])]);
  }
}

function limited(folders: string[]): Selection {
  return { selected: folders.slice(0, MOST_COMPARED), full: folders.length > MOST_COMPARED };
}

/** The listed runs from one to the other, beginning at the first of the two given. */
function between(listed: readonly string[], from: string, to: string): string[] {
  const start = listed.indexOf(from);
  const end = listed.indexOf(to);
  if (start < 0 || end < 0) return [to];
  return start <= end ? listed.slice(start, end + 1) : listed.slice(end, start + 1).reverse();
}
