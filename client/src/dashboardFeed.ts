// What the dashboard's page is told, and when: only what has changed, and nothing while nobody sees it. Apart from
// VS Code so that it can be tested.
import type {
  FromDashboard,
  RunChart,
  RunChartParams,
  RunSummary,
  ToDashboard,
} from '../../protocol/src/dashboard.ts';
import type { EvaluationReport } from '../../protocol/src/runs.ts';

/** Between two looks at the runs while the page is visible, milliseconds. */
const INTERVAL = 1000;

/** Where news come from and go to. */
export interface FeedEnds {
  runs(): Promise<RunSummary[]>;
  chart(params: RunChartParams): Promise<RunChart | null>;
  report(folder: string): Promise<EvaluationReport | null>;
  post(message: ToDashboard): void;
}

type Watched = Omit<Extract<FromDashboard, { type: 'watch' }>, 'type'>;

const NOTHING: Watched = { folders: [], points: 2 };

export class DashboardFeed {
  readonly #ends: FeedEnds;
  #visible = false;
  #watched = NOTHING;
  #timer: NodeJS.Timeout | undefined;
  /** A look is going on; it does not end before what was asked for meanwhile is told too. */
  #looking = false;
  #again = false;
  /** What the page was told last, by what it was about. */
  readonly #told = new Map<string, string>();

  constructor(ends: FeedEnds) {
    this.#ends = ends;
  }

  /** Whether a person can see the page. While not, nothing is asked for. */
  show(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.look();
  }

  /** A new page, which knows nothing: also the one that VS Code makes when a hidden panel is shown again. */
  begin(): void {
    this.#watched = NOTHING;
    this.#told.clear();
    this.look();
  }

  /** The runs whose charts the page shows from now on. */
  watch(watched: Watched): void {
    this.#watched = watched;
    this.look();
  }

  /** Asks for news now, and then at every interval for as long as the page is visible. */
  look(): void {
    clearTimeout(this.#timer);
    if (!this.#visible) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    void this.#tell().then(() => {
      this.#looking = false;
      if (this.#again) {
        this.#again = false;
        this.look();
      } else if (this.#visible) {
        this.#timer = setTimeout(() => this.look(), INTERVAL);
      }
    });
  }

  dispose(): void {
    this.#visible = false;
    clearTimeout(this.#timer);
  }

  async #tell(): Promise<void> {
    try {
      const runs = await this.#ends.runs();
      this.#tellOnce('runs', JSON.stringify(runs), { type: 'runs', runs });
      const watched = this.#watched;
      for (const folder of watched.folders) {
        const run = runs.find((each) => each.folder === folder);
        if (run !== undefined) await this.#tellOf(run, watched);
      }
    } catch (error) {
      // The page takes its complaint back at the next list of runs.
      this.#told.delete('runs');
      this.#ends.post({ type: 'problem', message: error instanceof Error ? error.message : String(error) });
    }
  }

  async #tellOf(run: RunSummary, { folders, points, range }: Watched): Promise<void> {
    const { folder } = run;
    const state = JSON.stringify([run.events, run.updatedAt, run.reading]);
    await this.#news(`chart ${folder}`, state + JSON.stringify([points, range]), async () => {
      const chart = await this.#ends.chart({ folder, points, ...(range === undefined ? {} : { range }) });
      return chart === null ? undefined : { type: 'chart', folder, chart };
    });
    if (folder !== folders[0]) return;
    await this.#news(`report ${folder}`, JSON.stringify([run.newestStep, run.newest]), async () => {
      return { type: 'report', folder, report: await this.#ends.report(folder) };
    });
  }

  /** Asks for a message and posts it, unless the page was told of this very state. */
  async #news(about: string, state: string, ask: () => Promise<ToDashboard | undefined>): Promise<void> {
    if (this.#told.get(about) === state || !this.#visible) return;
    const message = await ask();
    if (message !== undefined) this.#tellOnce(about, state, message);
  }

  #tellOnce(about: string, state: string, message: ToDashboard): void {
    if (this.#told.get(about) === state) return;
    this.#told.set(about, state);
    this.#ends.post(message);
  }
}
