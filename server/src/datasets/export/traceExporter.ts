// Turns the traces of a row into rows of a target: as they are, by a named rule where that is allowed, or not at all.
import { LAYOUT_TABLE } from '../layouts/index.ts';
import type { Fields, LayoutRow } from '../layouts/layout.ts';
import type { Trace } from '../trace.ts';
import type { LossCount } from './exportReport.ts';
import { ALTERNATIVE } from './losses.ts';
import { readBack, sameTraces } from './readBack.ts';
import type { ExportTarget, LabelsSeen, Loss } from './targets/target.ts';

/** Source rows that the report names. */
const ROWS_NAMED = 5;

interface Group {
  main: Trace;
  alternatives: Trace[];
}

export class TraceExporter {
  paths = 0;
  steps = 0;
  private readonly left = new Map<string, LossCount>();
  private readonly changed = new Map<string, LossCount>();
  private readonly write: ReturnType<ExportTarget['writer']>;

  constructor(
    private readonly target: ExportTarget,
    seen: LabelsSeen,
    private readonly lossy: boolean,
  ) {
    this.write = target.writer(seen);
  }

  get leftOut(): LossCount[] {
    return [...this.left.values()];
  }

  get converted(): LossCount[] {
    return [...this.changed.values()];
  }

  /**
   * @param number of the source row, as people count
   * @returns rows of the target
   */
  rowsOf(row: LayoutRow, number: number): Fields[] {
    const groups = this.groupsOf(row.traces);
    return groups.flatMap((group, index) => {
      const name = row.id ?? String(number);
      const id = groups.length === 1 ? name : `${name}-${index + 1}`;
      return this.rowsOfGroup(group, { id, answer: row.answer }, number);
    });
  }

  /** Each main path with the alternatives that the target takes into its row. */
  private groupsOf(traces: readonly Trace[]): Group[] {
    const groups: Group[] = [];
    let main: Group | undefined;
    for (const trace of traces) {
      if (trace.alternativeAt === undefined) {
        main = { main: trace, alternatives: [] };
        groups.push(main);
      } else if (this.target.holdsAlternatives && main !== undefined && isStepBeside(trace, main.main)) {
        main.alternatives.push(trace);
      } else {
        groups.push({ main: trace, alternatives: [] });
      }
    }
    return groups;
  }

  private rowsOfGroup(
    { main, alternatives }: Group,
    about: { id: string; answer: string | undefined },
    number: number,
  ): Fields[] {
    const traces = [main, ...alternatives];
    const losses = uniqueLosses(traces.flatMap((trace) => this.target.losses(trace)));
    if (main.alternativeAt !== undefined) losses.unshift(ALTERNATIVE);
    const impossible = losses.find(({ rule }) => rule === undefined);
    const stopping = impossible ?? (this.lossy ? undefined : losses[0]);
    if (stopping !== undefined) return this.leaveOut(stopping, traces, number);
    const rows = this.write(main, { ...about, alternatives });
    const read = readBack(this.target, rows);
    if (rows.length === 0 || read === undefined) return this.leaveOut(this.unreadable(), traces, number);
    if (losses.length === 0 && !sameTraces(read, traces)) {
      return this.leaveOut(this.unreadable(), traces, number);
    }
    for (const loss of losses) note(this.changed, loss, traces.length, number);
    this.paths += traces.length;
    this.steps += traces.reduce((sum, trace) => sum + trace.steps.length - (trace.alternativeAt ?? 0), 0);
    return rows;
  }

  private leaveOut(loss: Loss, { length }: readonly Trace[], number: number): [] {
    note(this.left, loss, length, number);
    return [];
  }

  /** Such as a step tag inside a step: nothing says how to write it so that the same is read again. */
  private unreadable(): Loss {
    return { what: `text that ${LAYOUT_TABLE[this.target.layout].title} would read otherwise` };
  }
}

/** Whether the trace leaves the main path for a single rated step. */
function isStepBeside({ steps, alternativeAt: at }: Trace, main: Trace): boolean {
  return (
    at !== undefined &&
    steps.length === at + 1 &&
    at < main.steps.length &&
    steps.every((step, index) => index === at || step.text === main.steps[index]?.text)
  );
}

function uniqueLosses(losses: readonly Loss[]): Loss[] {
  return [...new Map(losses.map((loss) => [loss.what, loss])).values()];
}

function note(counts: Map<string, LossCount>, loss: Loss, paths: number, row: number): void {
  let entry = counts.get(loss.what);
  if (entry === undefined) counts.set(loss.what, (entry = { ...loss, paths: 0, firstRows: [] }));
  entry.paths += paths;
  if (entry.firstRows.length < ROWS_NAMED && entry.firstRows.at(-1) !== row) entry.firstRows.push(row);
}
