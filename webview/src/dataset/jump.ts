// From a row's number, as people count, to its place in the table.
import { count } from '../ui/format.ts';
import { isCancelled, messageOf } from './server.ts';

export interface JumpTable {
  /** Rows of the view or file. */
  rows: number;
  /** Whether these are all. */
  complete: boolean;
  sorted: boolean;
  filtered: boolean;
  /** Number of the row at a 0-based place. */
  numberAt(place: number): Promise<number>;
}

/** Where to go, and what to say when that is not the row that was asked for. */
export interface Landing {
  place?: number;
  problem?: string;
}

/**
 * Finds a row by its number: the line of a text file (which may have empty lines), the row of a Parquet file; in a
 * filtered table the rows are in the file's order, with gaps. So it is a guess, then a binary search, about 24 questions
 * for 10 million rows.
 */
export async function findPlace(number: number, table: JumpTable): Promise<Landing> {
  const { rows, sorted } = table;
  if (!Number.isSafeInteger(number) || number < 1)
    return { problem: 'Enter a row number: a whole number from 1.' };
  if (rows === 0) return { problem: 'There are no rows to go to.' };
  if (sorted) {
    return {
      problem: 'Sorted rows are not in the order of their numbers. Take the sort away to go to a row.',
    };
  }
  const guess = Math.min(number, rows) - 1;
  const there = await table.numberAt(guess);
  if (there === number) return { place: guess };
  // Numbers ascend and a row's number is never below its place, so the row is at the guess or before it.
  let low = 0;
  let high = there < number ? rows : guess;
  if (there < number) low = guess + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await table.numberAt(middle);
    if (found === number) return { place: middle };
    if (found < number) low = middle + 1;
    else high = middle;
  }
  return beside(number, low, table);
}

/** The row is not in the table: the next one that is. */
async function beside(number: number, next: number, table: JumpTable): Promise<Landing> {
  const { rows, complete, filtered } = table;
  const place = Math.min(next, rows - 1);
  const nearest = await table.numberAt(place);
  const shown = `row ${count(nearest)} is shown`;
  if (next >= rows) {
    const last = filtered ? 'The last row found' : 'The last row';
    return complete
      ? { place, problem: `${last} is ${count(nearest)}.` }
      : { place, problem: `So far rows up to ${count(nearest)} are known; the file is still being read.` };
  }
  return {
    place,
    problem: filtered
      ? `Row ${count(number)} is not among the rows found; ${shown}.`
      : `Line ${count(number)} holds no row; ${shown}.`,
  };
}

/** Going to a row by its number: one journey at a time. */
export class Jumping {
  readonly #table: (signal: AbortSignal) => JumpTable;
  readonly #land: (place: number, exact: boolean) => void;
  readonly #changed: () => void;
  #journey: AbortController | undefined;
  /** Why the row that was asked for cannot be shown. */
  problem: string | undefined;
  running = false;

  /** @param land brings a row into view; `exact`: it is the one that was asked for */
  constructor(
    table: (signal: AbortSignal) => JumpTable,
    land: (place: number, exact: boolean) => void,
    changed: () => void,
  ) {
    this.#table = table;
    this.#land = land;
    this.#changed = changed;
  }

  /** @param number as people count: the file's first row is 1 */
  async to(number: number): Promise<void> {
    this.#journey?.abort();
    const journey = new AbortController();
    this.#journey = journey;
    this.running = true;
    this.#changed();
    try {
      const { place, problem } = await findPlace(number, this.#table(journey.signal));
      if (journey.signal.aborted) return;
      this.problem = problem;
      if (place !== undefined) this.#land(place, problem === undefined);
    } catch (error) {
      if (journey.signal.aborted) return;
      this.problem = isCancelled(error) ? undefined : messageOf(error);
    }
    this.running = false;
    this.#changed();
  }

  /** The rows are others now. */
  forget(): void {
    this.#journey?.abort();
    this.running = false;
    this.problem = undefined;
    this.#changed();
  }
}
