// Finds the steps of a row in its JSON text: whole strings of a list, or parts of one string.
//
// A layout gives texts, not places, and need not: the strings of a row are compared with the texts in their order.
// A step that a layout has rewritten is not found and gets no place, which is better than a wrong one.
import type { Step, Trace } from '../../datasets/trace.ts';
import { EscapeMap, type JsonString } from './jsonStrings.ts';

/** Where a step stands. UTF-16 offsets into the JSON text. */
export interface StepPlace {
  /** First character of the step, behind the quotation mark. */
  start: number;
  /** Behind its last character. */
  end: number;
  /** Where a hint belongs: behind the string's quotation mark, or behind the step inside a longer string. */
  behind: number;
}

/** A string, or a part of it, by offsets into its value. */
interface Found {
  string: number;
  from: number;
  to: number;
  whole: boolean;
}

/** Strings behind the last match in which the next step is looked for. */
const LOOK_AHEAD = 1000;
/** Characters that the search for steps that are not there may read, in one row. */
const MOST_READ = 20_000_000;

/**
 * @param json text of one row
 * @param strings all string values of it, in order
 * @returns for each trace, a place for each of its steps; undefined for steps before an alternative begins, and for
 *   those that are not found
 */
export function placeSteps(
  json: string,
  strings: readonly JsonString[],
  traces: readonly Trace[],
): (StepPlace | undefined)[][] {
  const search = new Search(strings, traces[0]?.problem ?? '');
  return traces.map(({ problem, steps, alternativeAt = 0 }) => {
    const found = search.find(steps.slice(alternativeAt), problem);
    const none = Array.from({ length: alternativeAt }, () => undefined);
    return [...none, ...inSource(json, strings, found)];
  });
}

class Search {
  /** Strings by property, in the order of the text. */
  readonly #groups: Group[];
  /** The same, in the order in which they are likely to be lists of steps. */
  readonly #lists: Group[];
  readonly #all: Group;
  readonly #taken = new Set<number>();
  readonly #budget = { left: MOST_READ };

  constructor(strings: readonly JsonString[], problem: string) {
    const byKey = new Map<string, number[]>();
    for (const [index, { key }] of strings.entries()) {
      const group = byKey.get(key);
      if (group === undefined) byKey.set(key, [index]);
      else group.push(index);
    }
    this.#groups = [...byKey.values()].map((indexes) => new Group(strings, indexes));
    // A step may repeat the problem word for word: the property that holds the problem comes last.
    const holdsProblem = this.#groups.find((group) => group.says(problem));
    this.#lists = this.#groups.filter((group) => group !== holdsProblem);
    if (holdsProblem !== undefined) this.#lists.push(holdsProblem);
    this.#all = new Group(strings, [...strings.keys()]);
  }

  /** Each step's string; the way that finds most steps counts, the first of equals. */
  find(steps: readonly Step[], problem: string): (Found | undefined)[] {
    const ways: (() => (Found | undefined)[])[] = [
      // All in strings of one property, in order: a list of steps, or objects with a `text`.
      ...this.#lists.map((group) => () => group.exact(steps, this.#taken, true)),
      // Spread over several properties.
      () => this.#all.exact(steps, this.#taken, false),
      // Parts of one string, or of one string each.
      ...this.#groups.map((group) => () => group.inside(steps, problem, this.#taken, this.#budget)),
    ];
    let best: { found: (Found | undefined)[]; count: number } = { found: [], count: -1 };
    for (const way of ways) {
      const found = way();
      const count = found.filter((each) => each !== undefined).length;
      if (count > best.count) best = { found, count };
      if (count === steps.length) break;
    }
    for (const each of best.found) if (each?.whole === true) this.#taken.add(each.string);
    return best.found;
  }
}

/** Strings of one text, in order; those before `free` all belong to traces. */
interface SameText {
  list: number[];
  free: number;
}

/** Strings that are compared with the steps of a trace, in the order of the text. */
class Group {
  readonly #strings: readonly JsonString[];
  readonly #indexes: readonly number[];
  #byText: Map<string, SameText> | undefined;

  constructor(strings: readonly JsonString[], indexes: readonly number[]) {
    this.#strings = strings;
    this.#indexes = indexes;
  }

  says(text: string): boolean {
    return this.#indexes.some((index) => this.#strings[index]?.value.includes(text) === true);
  }

  exact(steps: readonly Step[], taken: ReadonlySet<number>, inOrder: boolean): (Found | undefined)[] {
    let after = -1;
    /** Where each text was found last; used where the order does not count. */
    const last = new Map<string, number>();
    return steps.map(({ text }) => {
      const index = this.#next(text, inOrder ? after : (last.get(text) ?? -1), taken);
      if (index === undefined) return undefined;
      after = index;
      if (!inOrder) last.set(text, index);
      return this.#whole(index);
    });
  }

  inside(
    steps: readonly Step[],
    problem: string,
    taken: ReadonlySet<number>,
    budget: { left: number },
  ): (Found | undefined)[] {
    let [position, offset] = [0, 0];
    return steps.map(({ text }) => {
      if (text === '') return undefined;
      for (let at = position; at < Math.min(this.#indexes.length, position + LOOK_AHEAD); at++) {
        const index = this.#indexes[at] ?? 0;
        const value = this.#strings[index]?.value ?? '';
        if (taken.has(index) || budget.left <= 0) continue;
        const begin = Math.max(at === position ? offset : 0, this.#said(at, problem));
        const from = value.indexOf(text, begin);
        budget.left -= from === -1 ? value.length - begin : 0;
        if (from === -1) continue;
        [position, offset] = [at, from + text.length];
        return value.trim() === text ? this.#whole(index) : { string: index, from, to: offset, whole: false };
      }
      return undefined;
    });
  }

  /** How much of a string is the problem, or what the string before it said: growing prefixes of a solution. */
  #said(at: number, problem: string): number {
    const value = this.#strings[this.#indexes[at] ?? 0]?.value ?? '';
    const before = at === 0 ? '' : (this.#strings[this.#indexes[at - 1] ?? 0]?.value ?? '');
    return value.startsWith(before) && before !== ''
      ? before.length
      : value.startsWith(problem)
        ? problem.length
        : 0;
  }

  #whole(index: number): Found {
    return { string: index, from: 0, to: this.#strings[index]?.value.length ?? 0, whole: true };
  }

  /** The first string with this text behind `after` that no trace has yet. */
  #next(text: string, after: number, taken: ReadonlySet<number>): number | undefined {
    const entry = this.#texts().get(text);
    if (entry === undefined) return undefined;
    const { list } = entry;
    while (entry.free < list.length && taken.has(list[entry.free] ?? 0)) entry.free++;
    let [low, high] = [entry.free, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] ?? 0) > after) high = middle;
      else low = middle + 1;
    }
    while (low < list.length && taken.has(list[low] ?? 0)) low++;
    return list[low];
  }

  #texts(): Map<string, SameText> {
    if (this.#byText !== undefined) return this.#byText;
    this.#byText = new Map();
    for (const index of this.#indexes) {
      const text = this.#strings[index]?.value.trim() ?? '';
      const same = this.#byText.get(text);
      if (same === undefined) this.#byText.set(text, { list: [index], free: 0 });
      else same.list.push(index);
    }
    return this.#byText;
  }
}

function inSource(
  json: string,
  strings: readonly JsonString[],
  found: readonly (Found | undefined)[],
): (StepPlace | undefined)[] {
  let current: { string: number; map: EscapeMap } | undefined;
  return found.map((each) => {
    const string = each && strings[each.string];
    if (each === undefined || string === undefined) return undefined;
    if (each.whole) return { start: string.start + 1, end: string.end - 1, behind: string.end };
    if (current?.string !== each.string) {
      current = { string: each.string, map: new EscapeMap(json, string) };
    }
    const start = current.map.locate(each.from);
    const end = current.map.locate(each.to);
    return { start, end, behind: end === string.end - 1 ? string.end : end };
  });
}
