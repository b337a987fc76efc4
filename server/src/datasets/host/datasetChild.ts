// One run of a dataset process: started, asked, ended. What to do when it dies is the client's matter.
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  NullLogger,
  ResponseError,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { z } from 'zod';
import type { RequestName } from '../../../../protocol/src/requests.ts';
import {
  CancelledError,
  messageOf,
  PrmError,
  throwIfCancelled,
  type PrmErrorParts,
} from '../../support/errors.ts';
import { CANCELLED } from './hostErrors.ts';
import {
  HOST_CHANGED,
  HOST_PROGRESS,
  HOST_STARTED,
  HOST_VIEW,
  type HostChange,
  type HostView,
} from './hostMessages.ts';

/** Heap of the process's main thread, MB; scan threads have their own limits. */
const HEAP = 192;
/** A machine under load may take long to start a process. Milliseconds. */
const START_TIMEOUT = 30_000;
/** Characters of the process's error output that are kept, from its end. */
const KEPT_OUTPUT = 2_000;

const partsSchema: z.ZodType<PrmErrorParts> = z.object({
  what: z.string(),
  where: z.string().exactOptional(),
  remedy: z.string().exactOptional(),
});

/** How a process ended that nobody stopped: words that follow "the process that reads the file". */
export interface Death {
  how: string;
  /** Whether the system may have run out of memory, or the process over its limit. */
  memory: boolean;
}

export interface ChildListener {
  onChange: (change: HostChange) => void;
  onView: (view: HostView) => void;
  onProgress: (job: string, share: number) => void;
  /** Called once, when the process ends without having been stopped. */
  onDeath: (death: Death) => void;
}

/** The process died, or was ended, before it answered. */
export class ProcessDied extends Error {
  readonly death: Death;

  constructor(death: Death) {
    super(`The process that reads the file ${death.how}.`);
    this.name = 'ProcessDied';
    this.death = death;
  }
}

export interface Deadline {
  /** Without an answer or progress for so long, the process is ended; milliseconds. */
  silence: number;
  /** Work whose progress puts the deadline off. */
  job?: string | undefined;
}

export class DatasetChild {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #started: Promise<void>;
  readonly #ended: Promise<Death>;
  readonly #deadlines = new Map<string, () => void>();
  /** Why this side ended the process. */
  #reason: string | undefined;
  #stopping = false;
  #output = '';
  #listener: ChildListener | undefined;

  /**
   * Starts the process; it opens no file before it is asked to.
   * @param processFile bundle of datasetProcess.ts
   * @throws PrmError where the bundle is missing or the system refuses a process
   */
  constructor(processFile: string, log: (line: string) => void) {
    this.#child = start(processFile);
    this.#connection = createMessageConnection(
      new IPCMessageReader(this.#child),
      new IPCMessageWriter(this.#child),
      NullLogger,
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#output = `${this.#output}\n${line}`.slice(-KEPT_OUTPUT);
        log(line);
      });
    }
    this.#ended = this.#waitForEnd();
    this.#started = this.#waitForStart();
    this.#connection.onNotification(HOST_CHANGED.method, (change: HostChange) =>
      this.#listener?.onChange(change),
    );
    this.#connection.onNotification(HOST_VIEW.method, (view: HostView) => this.#listener?.onView(view));
    this.#connection.onNotification(
      HOST_PROGRESS.method,
      ({ job, share }: { job: string; share: number }) => {
        this.#deadlines.get(job)?.();
        this.#listener?.onProgress(job, share);
      },
    );
    this.#connection.listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it can be asked: false once it has ended. */
  get lives(): boolean {
    return this.#child.connected;
  }

  /** Gives the process to whoever uses it. */
  follow(listener: ChildListener): void {
    this.#listener = listener;
  }

  /**
   * @throws CancelledError where the signal was aborted
   * @throws ProcessDied where the process ended before it answered; past the deadline it is ended here
   * @throws PrmError what the process answers
   */
  async request<Params, Result>(
    { method }: RequestName<Params, Result>,
    params: Params,
    { silence, job }: Deadline,
    signal?: AbortSignal,
  ): Promise<Result> {
    throwIfCancelled(signal);
    const cancellation = new CancellationTokenSource();
    const cancel = (): void => cancellation.cancel();
    signal?.addEventListener('abort', cancel);
    let timer: NodeJS.Timeout | undefined;
    const putOff = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#kill(`did not answer for ${Math.round(silence / 1000)} s`), silence);
    };
    try {
      await this.#started;
      putOff();
      if (job !== undefined) this.#deadlines.set(job, putOff);
      return await this.#connection.sendRequest<Result>(method, params, cancellation.token);
    } catch (error) {
      if (this.#stopping || signal?.aborted === true) throw new CancelledError();
      if (error instanceof ProcessDied) throw error;
      // A request fails before the process is known to have ended; what it ended of says more.
      throw fromAnswer(error) ?? (this.#child.connected ? failed(error) : new ProcessDied(await this.#ended));
    } finally {
      clearTimeout(timer);
      if (job !== undefined) this.#deadlines.delete(job);
      signal?.removeEventListener('abort', cancel);
      cancellation.dispose();
    }
  }

  /** Ends the process at once: it holds nothing that could be lost. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #kill(reason: string): void {
    this.#reason = reason;
    this.#child.kill('SIGKILL');
  }

  #waitForEnd(): Promise<Death> {
    return new Promise((resolve) => {
      let hasEnded = false;
      const end = (death: Death): void => {
        if (hasEnded) return;
        hasEnded = true;
        this.#connection.dispose();
        resolve(death);
        if (!this.#stopping) this.#listener?.onDeath(death);
      };
      // 'close' comes after 'exit' and after the last line of output, which may say why.
      this.#child.once('close', (code, signal) => {
        if (this.#reason !== undefined) end({ how: this.#reason, memory: false });
        else if (/heap out of memory|Array buffer allocation failed/.test(this.#output))
          end({ how: `took more memory than the ${HEAP} MB that it may`, memory: true });
        else if (signal !== null) end({ how: `ended (signal ${signal})`, memory: signal === 'SIGKILL' });
        else end({ how: `ended (status ${code ?? 'unknown'})`, memory: false });
      });
      this.#child.once('error', (error) =>
        end({ how: `could not be used (${error.message})`, memory: false }),
      );
    });
  }

  #waitForStart(): Promise<void> {
    const started = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#kill(`did not start within ${START_TIMEOUT / 1000} s`),
        START_TIMEOUT,
      );
      this.#connection.onNotification(HOST_STARTED.method, () => {
        clearTimeout(timer);
        resolve();
      });
      void this.#ended.then((death) => {
        clearTimeout(timer);
        reject(new ProcessDied(death));
      });
    });
    // Whoever asks gets the failure; before the first question there is nobody to tell.
    started.catch(() => undefined);
    return started;
  }
}

function start(processFile: string): ChildProcess {
  if (!existsSync(processFile)) {
    throw new PrmError({
      where: processFile,
      what: 'The program that reads datasets is missing',
      remedy: 'Install the extension again, or run `npm run build` in a source checkout.',
    });
  }
  try {
    return fork(processFile, [], {
      // Inside VS Code the running program is Electron, which is Node only when told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      // A debugger's arguments are not for it.
      execArgv: [`--max-old-space-size=${HEAP}`],
      // Not the server's own standard output: an LSP may run over that.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  } catch (error) {
    throw new PrmError({
      what: `The process that reads datasets could not be started (${messageOf(error)})`,
      remedy: 'Close other programs, since memory or processes may have run out, and try again.',
      cause: error,
    });
  }
}

function failed(error: unknown): PrmError {
  return new PrmError({
    what: `The process that reads the file failed: ${messageOf(error).replace(/\.$/, '')}`,
    remedy: 'Try again.',
    cause: error,
  });
}

/** The error that an answer carries; undefined where the other side has not answered (its process ended). */
function fromAnswer(error: unknown): Error | undefined {
  if (!(error instanceof ResponseError)) return undefined;
  if (error.code === CANCELLED) return new CancelledError();
  const parts = partsSchema.safeParse(error.data);
  return parts.success ? new PrmError(parts.data) : undefined;
}
