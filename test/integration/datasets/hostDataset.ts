// A dataset opened in a process of its own, with the news that it sends, for tests.
import { setTimeout as wait } from 'node:timers/promises';
import { DatasetChild } from '../../../server/src/datasets/host/datasetChild.ts';
import { DatasetClient } from '../../../server/src/datasets/host/datasetClient.ts';
import type { HostInfo, HostView, ParentChange } from '../../../server/src/datasets/host/hostMessages.ts';
import { DATASET_PROCESS_FILE } from '../../support/bundles.ts';

export class HostDataset {
  readonly client: DatasetClient;
  readonly info: HostInfo;
  readonly changes: ParentChange[];
  readonly views: HostView[];

  private constructor(client: DatasetClient, info: HostInfo, changes: ParentChange[], views: HostView[]) {
    this.client = client;
    this.info = info;
    this.changes = changes;
    this.views = views;
  }

  static async open(path: string): Promise<HostDataset> {
    const changes: ParentChange[] = [];
    const views: HostView[] = [];
    const { client, info } = await DatasetClient.open(path, startProcess, {
      onChange: (change) => changes.push(change),
      onView: (view) => views.push(view),
    });
    return new HostDataset(client, info, changes, views);
  }

  /** The process's id; fails where none runs. */
  get pid(): number {
    if (this.client.pid === undefined) throw new Error('No process runs.');
    return this.client.pid;
  }

  /** The first change that is accepted, one that came already included. */
  change<Kind extends ParentChange['kind']>(
    kind: Kind,
    accept: (change: Extract<ParentChange, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<ParentChange, { kind: Kind }>> {
    const isIt = (change: ParentChange): change is Extract<ParentChange, { kind: Kind }> =>
      change.kind === kind && accept(change as Extract<ParentChange, { kind: Kind }>);
    return until(() => this.changes.find(isIt));
  }

  /** The news with which a view's scan ended. */
  end(view: string): Promise<HostView> {
    return until(() => this.views.find((news) => news.view === view && news.state !== 'running'));
  }
}

export function startProcess(): DatasetChild {
  return new DatasetChild(DATASET_PROCESS_FILE, () => undefined);
}

/** Looks until there is something; the test's own timeout ends it. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await wait(20);
  }
}
