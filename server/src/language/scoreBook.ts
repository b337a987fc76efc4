// The scores of open documents: kept at their text while it is edited, forgotten with the document.
import { moveRegion, snapRegion, type Edit, type Region } from './region.ts';
import { viewSteps, type ScoredText, type StepView } from './scoredText.ts';

/** A stretch of a document that is scored, or is being scored. */
export class Entry {
  region: Region;
  scored: ScoredText | undefined;
  /** The whole document: grows with it. */
  readonly isWhole: boolean;
  readonly #source: string;
  #views: { document: string; steps: StepView[] } | undefined;

  constructor(region: Region, isWhole: boolean, document: string) {
    this.region = region;
    this.isWhole = isWhole;
    this.#source = document.slice(region.start, region.end);
  }

  /** @param document the text after the edit */
  edited(edit: Edit, document: string): void {
    if (this.isWhole) {
      this.region = { start: 0, end: document.length };
      return;
    }
    const moved = moveRegion(this.region, edit);
    const touched = { start: edit.start, end: edit.start + edit.text.length };
    const isBeside = touched.end < moved.start || touched.start > moved.end;
    this.region = isBeside ? moved : snapRegion(moved, touched, this.#source, document);
  }

  /** The steps there are now, with their scores; none before the scores are there. */
  steps(document: string): StepView[] {
    if (this.scored === undefined) return [];
    if (this.#views?.document !== document) {
      const { start, end } = this.region;
      this.#views = { document, steps: viewSteps(this.scored, document.slice(start, end), start) };
    }
    return this.#views.steps;
  }
}

export class ScoreBook {
  readonly #entries = new Map<string, Entry[]>();

  /** Stretches of a document with scores, in no order. */
  scored(uri: string): (Entry & { scored: ScoredText })[] {
    return (this.#entries.get(uri) ?? []).filter(
      (entry): entry is Entry & { scored: ScoredText } => entry.scored !== undefined,
    );
  }

  /** Marks a stretch that will be scored, so that edits move it from now on. */
  open(uri: string, region: Region, isWhole: boolean, document: string): Entry {
    const entry = new Entry(region, isWhole, document);
    this.#entries.set(uri, [...(this.#entries.get(uri) ?? []), entry]);
    return entry;
  }

  /** Gives a stretch its scores; those of texts that it overlaps go. */
  fill(uri: string, entry: Entry, scored: ScoredText): void {
    const entries = this.#entries.get(uri);
    if (entries?.includes(entry) !== true) return; // Closed or cleared meanwhile.
    entry.scored = scored;
    const stays = (other: Entry) =>
      other === entry || other.scored === undefined || !overlaps(other.region, entry.region);
    this.#entries.set(uri, entries.filter(stays));
  }

  drop(uri: string, entry: Entry): void {
    const entries = this.#entries.get(uri) ?? [];
    this.#entries.set(
      uri,
      entries.filter((other) => other !== entry),
    );
  }

  edited(uri: string, edit: Edit, document: string): void {
    for (const entry of this.#entries.get(uri) ?? []) entry.edited(edit, document);
  }

  /** Forgets the scores of a document, or of all. @returns how many scored texts there were */
  clear(uri?: string): number {
    const cleared = uri === undefined ? [...this.#entries.keys()] : [uri];
    let count = 0;
    for (const each of cleared) {
      count += this.scored(each).length;
      this.#entries.delete(each);
    }
    return count;
  }
}

function overlaps(a: Region, b: Region): boolean {
  return a.start < b.end && b.start < a.end;
}
