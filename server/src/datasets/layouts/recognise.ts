// Finds out which layout a dataset has, by asking every layout about a sample of its rows, and says on what evidence.
import type { LayoutName, LayoutReport } from '../../../../protocol/src/datasets.ts';
import { ReadingVote } from '../completionsReading.ts';
import type { RowFault, SourceRow } from '../rowSource.ts';
import { LAYOUT_TABLE } from './index.ts';
import {
  LAYOUT_DEFAULTS,
  isFault,
  type Fields,
  type Layout,
  type LayoutOptions,
  type LayoutRow,
  type Reading,
} from './layout.ts';
import { stepwiseReader } from './trlStepwise.ts';

/** Rows that are enough to tell; more than one kind of row shows within these, or is a fault where it comes. */
export const SAMPLE_ROWS = 200;

/**
 * The order in which a row is tried. A row can satisfy several layouts: a formatted example has a `problem` and a
 * `label` like ProcessBench, VersaPRM has GSM8K's `question` and `answer`. The layout that asks for more comes first.
 */
const SPECIFIC_FIRST: readonly LayoutName[] = [
  'formatted',
  'prm800k-critic',
  'prm800k',
  'prmbench',
  'versaprm',
  'math-aps-tree',
  'math-aps-flat',
  'mr-gsm8k',
  'bigbench-mistake',
  'rlhflow',
  'trl-stepwise',
  'processbench',
  'math-shepherd',
  'er-prm',
  'gsm8k',
];

/** @returns the layout that the row fits best, and why; undefined where it fits none */
export function layoutOf(fields: Fields): { layout: Layout; evidence: string } | undefined {
  for (const name of SPECIFIC_FIRST) {
    const layout = LAYOUT_TABLE[name];
    const evidence = layout.recognise(fields);
    if (evidence !== undefined) return { layout, evidence };
  }
  return undefined;
}

interface Seen {
  layout: Layout;
  rows: number;
  evidence: string;
  /** As people count. */
  firstRow: number;
}

/** @param sample rows of the dataset, about `SAMPLE_ROWS` of them */
export function recogniseLayout(sample: Iterable<SourceRow>): LayoutReport {
  const seen = new Map<LayoutName, Seen>();
  const other = { fitNone: 0, broken: 0, fields: '' };
  let sampled = 0;
  for (const { fields, number } of sample) {
    sampled++;
    if (fields === undefined) {
      other.broken++;
      continue;
    }
    const found = layoutOf(fields);
    if (found === undefined) {
      other.fitNone++;
      if (other.fields === '') other.fields = namesOf(fields);
      continue;
    }
    const entry = seen.get(found.layout.name);
    if (entry === undefined) seen.set(found.layout.name, { ...found, rows: 1, firstRow: number });
    else entry.rows++;
  }
  // Ties: the layout that came first.
  const ranked = [...seen.values()].sort((one, two) => two.rows - one.rows);
  const [best] = ranked;
  return {
    layout: best?.layout.name ?? null,
    title: best?.layout.title ?? 'no known layout',
    evidence: describe(ranked, sampled, other),
    sampled,
    counts: ranked.map(({ layout: { name }, rows }) => ({ layout: name, rows })),
  };
}

function describe(
  [best, ...others]: readonly Seen[],
  sampled: number,
  { fitNone, broken, fields }: { fitNone: number; broken: number; fields: string },
): string[] {
  const evidence: string[] = [];
  if (sampled === 0) return ['There are no rows to look at.'];
  if (best !== undefined) {
    const all = sampled === 1 ? 'The only row' : `All ${rowsText(sampled)}`;
    const share = best.rows === sampled ? all : `${best.rows} of ${rowsText(sampled)}`;
    evidence.push(`${share} looked at ${verb(best.rows, 'has', 'have')} ${best.evidence}.`);
    if (others.length > 0) evidence.push('The file mixes layouts.');
    for (const { layout, rows, firstRow, evidence: why } of others) {
      evidence.push(
        `${rowsText(rows)} (${rows === 1 ? '' : 'the first is '}row ${firstRow}) ${verb(rows, 'is', 'are')} ${layout.title}: ${why}.`,
      );
    }
  }
  if (fitNone > 0) {
    evidence.push(
      `${rowsText(fitNone)} ${verb(fitNone, 'fits', 'fit')} no layout; the fields are ${fields}.`,
    );
  }
  if (broken > 0) evidence.push(`${rowsText(broken)} cannot be read.`);
  return evidence;
}

function rowsText(count: number): string {
  return count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`;
}

function verb(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** The names of a row's fields, for people: the first few. */
function namesOf(fields: Fields): string {
  const names = Object.keys(fields);
  if (names.length === 0) return 'none';
  const listed = names.slice(0, 8).map((name) => `\`${name.slice(0, 40).replaceAll(/\s+/g, ' ')}\``);
  if (names.length > listed.length) listed.push(`${names.length - listed.length} more`);
  return listed.join(', ');
}

export interface OpenedLayout {
  report: LayoutReport;
  /** undefined where no layout fits and none was chosen. Its readers tell where a row has another layout. */
  layout: Layout | undefined;
  /** With what the sample says in place of what was not chosen. */
  options: LayoutOptions;
  /** Reads the rows of the file, in any order. */
  read: ((fields: Fields) => LayoutRow | RowFault) | undefined;
}

/**
 * Recognises the layout and makes its reader.
 * @param choice a layout or policies that the user gave; the rest comes from the sample and the defaults
 */
export function openLayout(
  sample: Iterable<SourceRow>,
  choice: { layout?: LayoutName | undefined } & Partial<LayoutOptions> = {},
): OpenedLayout {
  const rows = [...sample];
  const report = recogniseLayout(rows);
  const { layout: chosen, ...policies } = choice;
  if (chosen !== undefined && chosen !== report.layout) {
    report.evidence.unshift(
      `${LAYOUT_TABLE[chosen].title} was chosen; the rows look like ${report.layout === null ? 'no known layout' : report.title}.`,
    );
    report.layout = chosen;
    report.title = LAYOUT_TABLE[chosen].title;
  }
  const options: LayoutOptions = { ...LAYOUT_DEFAULTS, ...withoutUndefined(policies) };
  const layout = report.layout === null ? undefined : tellingOthers(LAYOUT_TABLE[report.layout]);
  if (layout?.name === 'trl-stepwise') {
    const vote = voteOnCompletions(rows);
    if (policies.completions === undefined) options.completions = vote.choice().reading;
    report.evidence.push(explainReading(options.completions, vote, policies.completions !== undefined));
  }
  return { report, layout, options, read: layout?.reader(options) };
}

function explainReading(reading: Reading, vote: ReadingVote, isChosen: boolean): string {
  const { rows, answerOnlyAtEnd, severalAnswers, madeAsSteps } = vote.evidence;
  const percent = (part: number): string => `${((100 * part) / rows).toFixed(0)} %`;
  const made = madeAsSteps > 0 ? `prm made ${rowsText(madeAsSteps)} so` : undefined;
  const signs =
    rows === 0
      ? (made ?? 'no row has two completions or more')
      : `of ${rowsText(rows)} with two completions or more, ${percent(answerOnlyAtEnd)} give a final answer in the ` +
        `last one only (steps), ${percent(severalAnswers)} in several (attempts)`;
  const words = reading === 'steps' ? 'the steps of one solution' : 'whole attempts';
  return `Completions are read as ${words}${isChosen ? ', as chosen' : ''}: ${signs}.`;
}

function voteOnCompletions(rows: readonly SourceRow[]): ReadingVote {
  const vote = new ReadingVote();
  const read = stepwiseReader();
  for (const { fields } of rows) {
    const row = fields === undefined ? undefined : read(fields);
    if (row !== undefined && !('reason' in row)) vote.add(row);
  }
  return vote;
}

function tellingOthers(layout: Layout): Layout {
  return { ...layout, reader: (options) => readerOf(layout, options) };
}

/** The layout's reader; a row that does not fit because it is of another layout is told so. */
export function readerOf(layout: Layout, options: LayoutOptions): (fields: Fields) => LayoutRow | RowFault {
  const read = layout.reader(options);
  return (fields) => {
    const row = read(fields);
    if (!isFault(row) || layout.recognise(fields) !== undefined) return row;
    const other = layoutOf(fields);
    return other === undefined ? row : { reason: `the row has another layout: ${other.layout.title}` };
  };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
