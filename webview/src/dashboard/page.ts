// The dashboard's page: takes what the extension says and what the user wants, and holds what is on screen.
import type { FromDashboard, RunChart, RunSummary, ToDashboard } from '../../../protocol/src/dashboard.ts';
import type { EvaluationReport } from '../../../protocol/src/runs.ts';
import { counted } from '../ui/format.ts';
import { AXIS_WORDS, stepsBetween } from './charts/axis.ts';
import type { Figure } from './charts/figure.ts';
import { trainingFigures } from './charts/trainingFigures.ts';
import { reportFigures } from './report/figures.ts';
import { choose, type Choice } from './runs/selection.ts';
import { STATE_SENTENCES } from './runs/states.ts';
import { keptFrom, MOST_COMPARED, type Kept, type XAxis } from './state.ts';

export interface PageOptions {
  post(message: FromDashboard): void;
  keep(kept: Kept): void;
  /** From before the page was hidden or reloaded. */
  kept: unknown;
  /** Something on screen changed: draws it soon. */
  changed(): void;
  /** How many training points a chart has room for. */
  points(): number;
}

/** Where a crosshair stands, for all figures of a group. */
interface Cursor {
  group: string;
  x: number;
}

export class DashboardPage {
  /** Undefined: not known yet. */
  runs: RunSummary[] | undefined;
  problem: string | undefined;
  /** What a screen reader says next. */
  announcement = '';
  cursor: Cursor | undefined;
  /** The run of the list that the Tab key goes to. */
  active: string | undefined;
  /** Index of the worst step that is open. */
  openWorst: number | undefined;
  readonly kept: Kept;
  readonly #options: PageOptions;
  /** By folder; kept for runs that were looked at before, since only what has changed is told again. */
  readonly #charts = new Map<string, RunChart>();
  readonly #reports = new Map<string, EvaluationReport | null>();
  /** The run chosen last: where a choice up to another begins. */
  #anchor: string | undefined;
  #watched = '';
  /** Made anew when what they show has changed. */
  #training: Figure[] | undefined;
  #reported: Figure[] | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
    this.kept = keptFrom(options.kept);
  }

  /** The compared runs in the order of their colours. */
  get selected(): RunSummary[] {
    return this.kept.selected.flatMap((folder) => this.runs?.find((run) => run.folder === folder) ?? []);
  }

  /** The run whose details are shown. */
  get shown(): RunSummary | undefined {
    return this.selected.find(({ folder }) => folder === this.kept.shown) ?? this.selected[0];
  }

  /** The newest evaluation of the run that is shown; null: it has none; undefined: not known yet. */
  get report(): EvaluationReport | null | undefined {
    return this.#reports.get(this.shown?.folder ?? '');
  }

  /** Runs whose names hold what the filter says. */
  get listed(): RunSummary[] {
    const part = this.kept.filter.trim().toLowerCase();
    return (this.runs ?? []).filter(({ name }) => name.toLowerCase().includes(part));
  }

  get trainingFigures(): readonly Figure[] {
    this.#training ??= trainingFigures(
      this.selected.flatMap(({ name, folder }, index) => {
        const chart = this.#charts.get(folder);
        return chart === undefined ? [] : [{ name, index, chart }];
      }),
      this.selected.length,
      this.kept,
    );
    return this.#training;
  }

  get reportFigures(): readonly Figure[] {
    this.#reported ??= this.report == null ? [] : reportFigures(this.report);
    return this.#reported;
  }

  /** The figure as it will be drawn next: what is on screen may be of before the last key. */
  newest(figure: Figure): Figure {
    return this.trainingFigures.find(({ key }) => key === figure.key) ?? figure;
  }

  receive(message: ToDashboard): void {
    switch (message.type) {
      case 'runs':
        this.#runsCame(message.runs);
        break;
      case 'chart':
        this.#charts.set(message.folder, message.chart);
        if (!this.kept.selected.includes(message.folder)) return;
        this.#training = undefined;
        break;
      case 'report':
        if (message.folder === this.shown?.folder && message.report?.step !== this.report?.step) {
          this.openWorst = undefined;
        }
        this.#reports.set(message.folder, message.report);
        this.#reported = undefined;
        break;
      case 'problem':
        this.problem = message.message;
        break;
    }
    this.#options.changed();
  }

  // ---- what the user wants ----

  choose(folder: string, choice: Choice): void {
    const listed = this.listed.map((run) => run.folder);
    const { selected, full } = choose(listed, this.kept.selected, folder, choice, this.#anchor);
    if (full) this.announcement = `At most ${MOST_COMPARED} runs can be compared.`;
    if (choice !== 'to') this.#anchor = folder;
    this.active = folder;
    this.#select(selected, choice === 'only' ? folder : this.kept.shown);
  }

  /** Compares all runs of the list, as far as there is room. */
  chooseAll(): void {
    const [first, ...rest] = this.listed;
    const last = rest.at(-1) ?? first;
    if (first === undefined || last === undefined) return;
    const { active } = this;
    this.#anchor = first.folder;
    this.choose(last.folder, 'to');
    // The focus stays where it is, and the Tab key with it.
    this.active = active;
  }

  /** Shows the details of one of the compared runs. */
  show(folder: string): void {
    this.#select(this.kept.selected, folder);
  }

  filter(text: string): void {
    this.#set({ filter: text });
  }

  setAxis(axis: XAxis): void {
    const { zoom } = this.kept;
    this.cursor = undefined;
    // The steps stay; where they lie on the other axis, the runs' points will show.
    this.#set({ axis, zoom: zoom === null ? null : { steps: zoom.steps } });
  }

  setSmoothing(weight: number): void {
    this.#set({ smoothing: weight });
  }

  setLog(log: boolean): void {
    this.#set({ log });
  }

  setOnlyDiffering(only: boolean): void {
    this.#set({ onlyDiffering: only });
  }

  unfold(part: string, open: boolean): void {
    const { unfolded } = this.kept;
    if (unfolded.includes(part) === open) return;
    this.#set({ unfolded: open ? [...unfolded, part] : unfolded.filter((name) => name !== part) });
  }

  pointAt(group: string, x: number | undefined): void {
    this.cursor = x === undefined ? undefined : { group, x };
    this.#options.changed();
  }

  /** Shows a part of the x axis only; the server is asked for its points. */
  zoomTo(from: number, to: number): void {
    const charts = this.kept.selected.flatMap((folder) => this.#charts.get(folder) ?? []);
    const steps = stepsBetween(this.kept.axis, charts, from, to);
    const last = Math.max(...this.selected.map((run) => run.step));
    if (steps.from <= 1 && steps.to >= last) {
      this.resetZoom();
      return;
    }
    const { place } = AXIS_WORDS[this.kept.axis];
    this.announcement = `Shown: ${place(from)} to ${place(to)}.`;
    this.#set({ zoom: { steps, x: [from, to] } });
    this.watch();
  }

  resetZoom(): void {
    if (this.kept.zoom === null) return;
    this.announcement = 'All steps are shown.';
    this.#set({ zoom: null });
    this.watch();
  }

  /** What only the extension can do. */
  act(message: Exclude<FromDashboard, { type: 'ready' | 'watch' }>): void {
    if (message.type === 'copy') this.announcement = 'Copied.';
    this.problem = undefined;
    this.#options.post(message);
    this.#options.changed();
  }

  dismissProblem(): void {
    this.problem = undefined;
    this.#options.changed();
  }

  toggleWorst(index: number): void {
    this.openWorst = this.openWorst === index ? undefined : index;
    this.#options.changed();
  }

  /** Says which runs are shown, and how finely, where that has changed. */
  watch(): void {
    const shown = this.shown;
    if (shown === undefined) return;
    const rest = this.kept.selected.filter((folder) => folder !== shown.folder);
    const message: FromDashboard = {
      type: 'watch',
      folders: [shown.folder, ...rest],
      points: this.#options.points(),
      ...(this.kept.zoom === null ? {} : { range: this.kept.zoom.steps }),
    };
    const text = JSON.stringify(message);
    if (text === this.#watched) return;
    this.#watched = text;
    this.#options.post(message);
  }

  // ---- what follows ----

  #runsCame(runs: RunSummary[]): void {
    this.#announceEnds(runs);
    this.runs = runs;
    // The server answers again.
    this.problem = undefined;
    this.#forgetGone(runs);
    // Colours come by the place among the compared runs, so a run that has gone changes the figures.
    const there = this.kept.selected.filter((folder) => runs.some((run) => run.folder === folder));
    const [newest] = runs;
    const selected = there.length === 0 && newest !== undefined ? [newest.folder] : there;
    if (this.active === undefined || !runs.some(({ folder }) => folder === this.active)) {
      this.active = selected[0];
    }
    if (selected.join('\n') !== this.kept.selected.join('\n')) this.#select(selected, this.kept.shown);
    this.watch();
  }

  #forgetGone(runs: readonly RunSummary[]): void {
    const there = new Set(runs.map(({ folder }) => folder));
    for (const known of [this.#charts, this.#reports]) {
      for (const folder of known.keys()) if (!there.has(folder)) known.delete(folder);
    }
  }

  /** The only thing that is said unasked: a run on screen has ended. */
  #announceEnds(runs: readonly RunSummary[]): void {
    for (const before of this.selected) {
      const now = runs.find(({ folder }) => folder === before.folder);
      if (now === undefined || now.state === before.state || before.state !== 'running') continue;
      this.announcement = `${now.name}: ${STATE_SENTENCES[now.state]}`;
    }
  }

  #select(selected: string[], shown: string | null): void {
    const before = this.shown?.folder;
    this.#set({
      selected,
      shown: shown !== null && selected.includes(shown) ? shown : (selected[0] ?? null),
    });
    if (this.shown?.folder !== before) {
      this.#reported = undefined;
      this.openWorst = undefined;
    }
    if (selected.length > 1) this.announcement = `${counted(selected.length, 'run')} compared.`;
    this.watch();
  }

  #set(part: Partial<Kept>): void {
    Object.assign(this.kept, part);
    this.#training = undefined;
    this.#options.keep(this.kept);
    this.#options.changed();
  }
}
