// What the dashboard's page is told: what has changed, once, and nothing at all while nobody sees it.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DashboardFeed } from '../../../client/src/dashboardFeed.ts';
import type { RunChart, RunSummary, ToDashboard } from '../../../protocol/src/dashboard.ts';
import { RunHistory } from '../../../server/src/training/runHistory.ts';
import { summariseRun } from '../../../server/src/training/runSummary.ts';
import { evaluation, start, step } from '../../support/runEvents.ts';

const CONTENTS = { settings: {}, checkpoints: [], models: [] };

/** Two runs that a test may let go on, and what was asked and told of them. */
class World {
  readonly histories = new Map([
    ['/a', new RunHistory()],
    ['/b', new RunHistory()],
  ]);
  readonly asked: string[] = [];
  readonly told: ToDashboard[] = [];
  broken = false;
  readonly feed = new DashboardFeed({
    runs: () => this.#answer('runs', this.runs()),
    chart: ({ folder, points, range }) =>
      this.#answer(`chart ${folder}`, this.histories.get(folder)?.chart(points, range) ?? null),
    report: (folder) => this.#answer(`report ${folder}`, null),
    post: (message) => this.told.push(message),
  });

  constructor() {
    for (const history of this.histories.values()) history.add(start(0));
  }

  runs(): RunSummary[] {
    const around = { alive: true, silentFor: 0, goesOn: false, contents: CONTENTS };
    return [...this.histories].map(([folder, history]) => summariseRun(folder, history, around));
  }

  /** What was asked and told since the last time. */
  since(): { asked: string[]; told: string[] } {
    const told = this.told
      .splice(0)
      .map((message) => ('folder' in message ? `${message.type} ${message.folder}` : message.type));
    return { asked: this.asked.splice(0), told };
  }

  #answer<Value>(question: string, value: Value): Promise<Value> {
    this.asked.push(question);
    return this.broken ? Promise.reject(new Error('The server is gone.')) : Promise.resolve(value);
  }
}

let world: World;
beforeEach(() => {
  vi.useFakeTimers();
  world = new World();
});
afterEach(() => {
  world.feed.dispose();
  vi.useRealTimers();
});

const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(1000 * count + 10);

describe('the news for the dashboard', () => {
  it('are the runs, and the charts of those that are watched', async () => {
    world.feed.show(true);
    world.feed.begin();
    world.feed.watch({ folders: ['/a', '/b'], points: 100 });
    await seconds(0);
    expect(world.since().told).toEqual(['runs', 'chart /a', 'report /a', 'chart /b']);
  });

  it('are asked for each second, and told where they are new', async () => {
    world.feed.show(true);
    world.feed.watch({ folders: ['/a'], points: 100 });
    await seconds(0);
    world.since();
    await seconds(3);
    expect(world.since()).toEqual({ asked: ['runs', 'runs', 'runs'], told: [] });
    world.histories.get('/a')?.add(step(1));
    await seconds(1);
    expect(world.since()).toEqual({ asked: ['runs', 'chart /a'], told: ['runs', 'chart /a'] });
    world.histories.get('/a')?.add(evaluation(1, 0.9));
    await seconds(1);
    expect(world.since().told).toEqual(['runs', 'chart /a', 'report /a']);
    world.histories.get('/b')?.add(step(1));
    await seconds(1);
    expect(world.since()).toEqual({ asked: ['runs'], told: ['runs'] });
  });

  it('are none while the page is hidden, and all of them for the new page behind it', async () => {
    world.feed.show(true);
    world.feed.watch({ folders: ['/a'], points: 100 });
    await seconds(2);
    world.feed.show(false);
    world.since();
    world.histories.get('/a')?.add(step(1));
    await seconds(3600);
    expect(world.since()).toEqual({ asked: [], told: [] });
    expect(vi.getTimerCount()).toBe(0);
    world.feed.show(true);
    world.feed.begin();
    world.feed.watch({ folders: ['/a'], points: 100 });
    await seconds(0);
    expect(world.since().told).toEqual(['runs', 'chart /a', 'report /a']);
  });

  it('ask for a chart again when another range or size is wanted', async () => {
    world.histories.get('/a')?.add(step(1));
    world.histories.get('/a')?.add(step(2));
    world.feed.show(true);
    world.feed.watch({ folders: ['/a'], points: 100 });
    await seconds(0);
    world.told.splice(0);
    world.feed.watch({ folders: ['/a'], points: 100, range: { from: 2, to: 2 } });
    await seconds(0);
    const charts = world.told.flatMap((message): RunChart[] =>
      message.type === 'chart' ? [message.chart] : [],
    );
    expect(charts.map(({ train }) => train.step)).toEqual([[2]]);
  });

  it('say what went wrong, and that it is well again', async () => {
    world.feed.show(true);
    await seconds(0);
    world.since();
    world.broken = true;
    await seconds(1);
    expect(world.told).toEqual([{ type: 'problem', message: 'The server is gone.' }]);
    world.since();
    world.broken = false;
    await seconds(1);
    expect(world.since().told).toEqual(['runs']);
  });

  it('are of no run that is not there any more', async () => {
    world.feed.show(true);
    world.feed.watch({ folders: ['/gone'], points: 100 });
    await seconds(0);
    expect(world.since()).toEqual({ asked: ['runs', 'runs'], told: ['runs'] });
  });
});
