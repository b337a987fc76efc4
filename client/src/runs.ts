// Training runs as the server reports them: a progress notification each, and a message at the end.
import * as vscode from 'vscode';
import {
  FOLLOW_RUN,
  RUN_CHANGED,
  STOP_RUN,
  type RunNews,
  type StartedRun,
} from '../../protocol/src/requests.ts';
import { showFailure } from './failures.ts';
import { describeEnd, describeProgress } from './runText.ts';
import type { Server } from './server.ts';

/** The notification of one run. */
interface ShownRun {
  update(news: RunNews): void;
  close(): void;
}

export class Runs {
  readonly #server: Server;
  readonly #shown = new Map<string, ShownRun>();
  readonly #ended = new vscode.EventEmitter<RunNews>();
  readonly #listeners: vscode.Disposable;

  constructor(server: Server) {
    this.#server = server;
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

  /** A run may have ended while no server was there to tell. */
  #askAgain(): void {
    for (const folder of this.#shown.keys()) {
      this.#server.request(FOLLOW_RUN, { folder }).catch((error: unknown) => showFailure(error));
    }
  }

  #changed(news: RunNews): void {
    const folder = news.run.folder;
    if (news.ended) {
      this.#shown.get(folder)?.close();
      this.#shown.delete(folder);
      this.#ended.fire(news);
      tellEnd(news).catch((error: unknown) => showFailure(error));
      return;
    }
    const shown = this.#shown.get(folder) ?? this.#show(news);
    this.#shown.set(folder, shown);
    shown.update(news);
  }

  #show({ run }: RunNews): ShownRun {
    let close: () => void = () => undefined;
    let report: (news: RunNews) => void = () => undefined;
    const closed = new Promise<void>((resolve) => (close = resolve));
    void vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `PRM: training ${run.name}`,
        cancellable: true,
      },
      (progress, token) => {
        token.onCancellationRequested(() => {
          this.#server
            .request(STOP_RUN, { folder: run.folder })
            .catch((error: unknown) => showFailure(error));
        });
        let done = 0;
        report = ({ run: now }) => {
          const percentage = now.totalSteps === 0 ? 0 : (100 * now.step) / now.totalSteps;
          progress.report({ message: describeProgress(now), increment: Math.max(0, percentage - done) });
          done = Math.max(done, percentage);
        };
        return closed;
      },
    );
    return { update: (news) => report(news), close };
  }
}

async function tellEnd(news: RunNews): Promise<void> {
  const { text, failed } = describeEnd(news);
  const { modelFolder, logFile } = news;
  const useModel = 'Use This Model';
  const resume = 'Resume';
  const openLog = 'Open Log';
  const buttons = [
    ...(modelFolder === null ? [] : [useModel]),
    ...(news.run.state === 'stopped' ? [resume] : []),
    ...(failed && logFile !== null ? [openLog] : []),
  ];
  const show = failed ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
  const chosen = await show(text, ...buttons);
  if (chosen === useModel && modelFolder !== null) {
    await vscode.commands.executeCommand('prm.selectModel', { model: modelFolder });
  } else if (chosen === resume) {
    await vscode.commands.executeCommand('prm.trainModel', { outputDir: news.run.folder, resume: true });
  } else if (chosen === openLog && logFile !== null) {
    await vscode.window.showTextDocument(vscode.Uri.file(logFile));
  }
}
