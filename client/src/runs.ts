// Training runs as the server reports them: progress in the status bar, and a message at the end, not before.
import * as vscode from 'vscode';
import { FOLLOW_RUN, RUN_CHANGED, type RunNews, type StartedRun } from '../../protocol/src/requests.ts';
import { showFailure, withoutLinks } from './failures.ts';
import { describeEnd, describeProgress } from './runText.ts';
import type { Server } from './server.ts';

/** The progress of one run. */
interface ShownRun {
  update(news: RunNews): void;
  close(): void;
}

/** Runs of the workspace whose end was not told yet: it may come while the window is closed. */
const GOING_ON = 'prm.runsGoingOn';

export class Runs {
  readonly #server: Server;
  readonly #state: vscode.Memento;
  readonly #shown = new Map<string, ShownRun>();
  readonly #ended = new vscode.EventEmitter<RunNews>();
  readonly #listeners: vscode.Disposable;

  /** @param state of the workspace */
  constructor(server: Server, state: vscode.Memento) {
    this.#server = server;
    this.#state = state;
    this.#listeners = vscode.Disposable.from(
      server.onNotification(RUN_CHANGED, (news) => this.#changed(news)),
      server.onStarted(() => this.#askAgain()),
    );
  }

  /**
   * Starts a run and resolves when it has ended. A run that ends before `start` answers is not missed.
   * @throws what `start` throws
   */
  async follow(start: () => Promise<StartedRun>): Promise<RunNews> {
    const early = new Map<string, RunNews>();
    let settle: (news: RunNews) => void = (news) => early.set(news.run.folder, news);
    const listener = this.#ended.event((news) => settle(news));
    try {
      const { folder } = await start();
      return (
        early.get(folder) ??
        (await new Promise((resolve) => {
          settle = (news) => {
            if (news.run.folder === folder) resolve(news);
          };
        }))
      );
    } finally {
      listener.dispose();
    }
  }

  dispose(): void {
    for (const shown of this.#shown.values()) shown.close();
    this.#listeners.dispose();
    this.#ended.dispose();
  }

  /** A run may have ended while no server, or no window, was there. */
  #askAgain(): void {
    for (const folder of new Set([...this.#shown.keys(), ...this.#goingOn()])) {
      this.#server.request(FOLLOW_RUN, { folder }).catch((error: unknown) => showFailure(error));
    }
  }

  #changed(news: RunNews): void {
    const folder = news.run.folder;
    if (news.ended) {
      this.#shown.get(folder)?.close();
      this.#shown.delete(folder);
      this.#remember(this.#goingOn().filter((each) => each !== folder));
      this.#ended.fire(news);
      // Of a folder that was removed meanwhile there is nothing to tell.
      if (news.run.events !== 0 || news.logFile !== null)
        tellEnd(news).catch((error: unknown) => showFailure(error));
      return;
    }
    if (!this.#goingOn().includes(folder)) this.#remember([...this.#goingOn(), folder]);
    const shown = this.#shown.get(folder) ?? this.#show(news);
    this.#shown.set(folder, shown);
    shown.update(news);
  }

  #goingOn(): string[] {
    return this.#state.get<string[]>(GOING_ON, []);
  }

  #remember(folders: string[]): void {
    this.#state.update(GOING_ON, folders).then(undefined, (error: unknown) => showFailure(error));
  }

  #show({ run }: RunNews): ShownRun {
    let close: () => void = () => undefined;
    let report: (news: RunNews) => void = () => undefined;
    const closed = new Promise<void>((resolve) => (close = resolve));
    void vscode.window.withProgress(
      {
        // A notification would stand in the way for hours; the dashboard says more, and stops the run.
        location: vscode.ProgressLocation.Window,
        title: `Training ${run.name}`,
      },
      (progress) => {
        report = ({ run: now }) => progress.report({ message: describeProgress(now) });
        return closed;
      },
    );
    return { update: (news) => report(news), close };
  }
}

async function tellEnd(news: RunNews): Promise<void> {
  const { text, failed } = describeEnd(news);
  const { modelFolder, logFile, run } = news;
  const openDashboard = 'Open Dashboard';
  const useModel = 'Use This Model';
  const resume = 'Resume';
  const showLog = 'Show Log';
  const buttons = [
    openDashboard,
    ...(modelFolder === null ? [] : [useModel]),
    ...(run.state !== 'done' && run.checkpoints.length > 0 ? [resume] : []),
    ...(failed && logFile !== null ? [showLog] : []),
  ];
  const show = failed ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
  const chosen = await show(withoutLinks(text), ...buttons);
  if (chosen === openDashboard) {
    await vscode.commands.executeCommand('prm.openDashboard');
  } else if (chosen === useModel && modelFolder !== null) {
    await vscode.commands.executeCommand('prm.selectModel', { model: modelFolder });
  } else if (chosen === resume) {
    await vscode.commands.executeCommand('prm.trainModel', {
      forPerson: { outputDir: run.folder, resume: true },
    });
  } else if (chosen === showLog && logFile !== null) {
    await vscode.window.showTextDocument(vscode.Uri.file(logFile));
  }
}
