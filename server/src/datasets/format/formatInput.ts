// One dataset of `prm format` or `prm export`: its files, its layout, and its rows as traces.
import type { LayoutName, LayoutReport } from '../../../../protocol/src/datasets.ts';
import { PrmError } from '../../support/errors.ts';
import { ReadingVote, type ReadingChoice, type ReadingEvidence } from '../completionsReading.ts';
import { completePolicies } from './formatDefaults.ts';
import type { InputChoice, Policies, PolicyChoice } from './formatOptions.ts';
import { joinedRows } from './joinedRows.ts';
import { layoutRows, type LayoutRows, type ReadRow } from './layoutRows.ts';
import { LAYOUT_TABLE } from '../layouts/index.ts';
import { isFault, type Layout, type LayoutOptions, type LayoutRow, type Reading } from '../layouts/layout.ts';
import { readerOf, recogniseLayout, SAMPLE_ROWS } from '../layouts/recognise.ts';
import { trlReader } from '../layouts/trlStepwise.ts';
import { openSources } from '../openSource.ts';
import { resolveDataset, type ResolvedDataset } from '../resolveDataset.ts';
import type { RowFault, RowSource, SourceRow } from '../rowSource.ts';
import { openTable } from '../table/openTable.ts';

export interface OpenInput {
  choice: InputChoice;
  source: RowSource;
  hub: ResolvedDataset['hub'];
  layout: Layout;
  /** What the first rows look like; its evidence names the layout that was chosen instead, if one was. */
  report: LayoutReport;
}

export interface InputHooks {
  signal: AbortSignal | undefined;
  environment: NodeJS.ProcessEnv;
  onDownload: ((done: number, total: number) => void) | undefined;
}

/**
 * Opens the dataset's files and finds out its layout.
 * @throws PrmError where it cannot be had or read, or no layout fits
 */
export async function openInput(choice: InputChoice, hooks: InputHooks): Promise<OpenInput> {
  const { signal, environment, onDownload } = hooks;
  const { files, hub } = await resolveDataset(choice.dataset, { signal, environment, onBytes: onDownload });
  const source = await openSources(files);
  try {
    const sample = await firstRows(files);
    const report = recogniseLayout(sample);
    const layout = layoutFor(choice, report, sample);
    return { choice, source, hub, layout, report };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function firstRows([first]: readonly string[]): Promise<SourceRow[]> {
  if (first === undefined) return [];
  const table = await openTable(first);
  try {
    return await table.rows(0, SAMPLE_ROWS);
  } finally {
    await table.close();
  }
}

function layoutFor(
  { dataset, layout }: InputChoice,
  report: LayoutReport,
  sample: readonly SourceRow[],
): Layout {
  const chosen = layout === 'auto' ? undefined : layout;
  if (chosen !== undefined && chosen !== report.layout) {
    const { title } = LAYOUT_TABLE[chosen];
    const others = report.layout === null ? 'no known layout' : report.title;
    report.evidence.unshift(`${title} was asked for; the rows look like ${others}.`);
  }
  const name = chosen ?? report.layout ?? nearestLayout(sample);
  if (name !== undefined) return LAYOUT_TABLE[name];
  throw new PrmError({
    where: dataset,
    what: `no known layout fits the rows. ${report.evidence.join(' ').replace(/\.$/, '')}`,
    remedy: 'Give --layout where you know the layout; prm format --help lists them.',
  });
}

/**
 * The layout whose fields the rows have for the most part: its reader says best what is wrong
 * with rows that no layout recognises.
 */
function nearestLayout(sample: readonly SourceRow[]): LayoutName | undefined {
  const rows = sample.flatMap(({ fields }) => (fields === undefined ? [] : [fields]));
  // Nothing can be read: whatever the layout, each row will say why.
  if (rows.length === 0) return 'trl-stepwise';
  let nearest: { name: LayoutName; share: number } | undefined;
  for (const { name, columns, optional = [] } of Object.values(LAYOUT_TABLE)) {
    const needed = columns.filter((column) => !optional.includes(column));
    const found = rows.reduce(
      (sum, fields) => sum + needed.filter((column) => fields[column] !== undefined).length,
      0,
    );
    const share = found / (needed.length * rows.length);
    if (needed.length > 1 && share > 0.5 && share > (nearest?.share ?? 0)) nearest = { name, share };
  }
  return nearest?.name;
}

/**
 * Steps of a path that becomes examples: each of them holds the steps before it, so that a path of 100,000 steps would
 * fill a disk.
 */
export const LONGEST_EXAMPLE_PATH = 2_000;

function tooLong({ traces }: LayoutRow, limit: number): RowFault | undefined {
  const long = traces.find(({ steps }) => steps.length > limit);
  if (long === undefined) return undefined;
  return {
    reason: `a path has more than ${limit.toLocaleString('en')} steps, and every example repeats those before it`,
    detail: `${long.steps.length.toLocaleString('en')} steps`,
  };
}

/** How an input's rows are read: its layout's reader with the user's policies. */
export class InputRows {
  private vote = new ReadingVote();
  private voted = false;
  private readonly completions: 'auto' | Reading;
  private readonly policies: Policies;
  private readonly longestPath: number;
  /** What TRL's `completions` are read as; other layouts have no such question. */
  reading: ReadingChoice;

  constructor(
    private readonly input: OpenInput,
    options: PolicyChoice & { completions: 'auto' | Reading; longestPath?: number | undefined },
  ) {
    this.longestPath = options.longestPath ?? Infinity;
    this.policies = completePolicies(options);
    this.completions = options.completions;
    this.reading = { reading: options.completions === 'auto' ? 'steps' : options.completions, by: 'option' };
  }

  /** Of TRL's layout: what all rows say about `completions`. */
  get evidence(): ReadingEvidence | undefined {
    return this.input.layout.name === 'trl-stepwise' ? this.vote.evidence : undefined;
  }

  /** The rows, from the first on in every pass. */
  rows(
    limits: { maxRows?: number | undefined; signal?: AbortSignal | undefined },
    onPosition: (share: number) => void,
  ): LayoutRows {
    const { source, layout } = this.input;
    const wanted = { ...limits, columns: layout.columns };
    if (layout.name === 'formatted') return joinedRows(source, wanted, this.policies, onPosition);
    return layoutRows(source, () => this.newReader(), wanted, onPosition);
  }

  /**
   * Settles the reading of `completions` after the first whole pass; later passes do not vote.
   * @returns whether the pass was made under the other reading, so that it has to be made again
   */
  settleReading(): boolean {
    this.voted = true;
    if (this.completions !== 'auto' || this.input.layout.name !== 'trl-stepwise') return false;
    const guessed = this.reading.reading;
    this.reading = this.vote.choice();
    return this.reading.reading !== guessed;
  }

  private newReader(): ReadRow {
    const options: LayoutOptions = { ...this.policies, completions: this.reading.reading };
    const { layout } = this.input;
    if (layout.name !== 'trl-stepwise') return this.bounded(readerOf(layout, options));
    const vote = this.voted ? undefined : (this.vote = new ReadingVote());
    const voting = { ...layout, reader: () => trlReader(options, vote && ((row) => void vote.add(row))) };
    return this.bounded(readerOf(voting, options));
  }

  private bounded(read: ReadRow): ReadRow {
    const limit = this.longestPath;
    return (fields) => {
      const row = read(fields);
      return isFault(row) ? row : (tooLong(row, limit) ?? row);
    };
  }
}
