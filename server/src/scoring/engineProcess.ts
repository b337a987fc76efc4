// One run of the scoring engine process: started, asked, ended. What to do when it dies is the client's matter.
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  NullLogger,
  ResponseError,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { z } from 'zod';
import { ENGINE_STARTED, type EngineErrorData } from '../../../protocol/src/engine.ts';
import { CancelledError, messageOf, PrmError } from '../support/errors.ts';
import { TraceTooLongError } from './traceTooLong.ts';

export interface EngineProcessOptions {
  /** The engine's bundle. */
  engineFile: string;
  environment: NodeJS.ProcessEnv;
  /** One line of the engine's output, without its line end. */
  onOutput: (line: string) => void;
  /** Called once, with what to tell people, when the process ends without having been stopped. */
  onDeath: (death: PrmError) => void;
}

/** Loading the bundle and ONNX Runtime takes well under a second; a machine under load may take much longer. */
const START_TIMEOUT_MILLISECONDS = 60_000;

/** Signals that a system sends to a process that takes too much memory, or that crashes. */
const MEMORY_SIGNALS = new Set(['SIGKILL', 'SIGABRT']);

const errorDataSchema: z.ZodType<EngineErrorData> = z.object({
  what: z.string(),
  where: z.string().exactOptional(),
  remedy: z.string().exactOptional(),
  tooLong: z.boolean().exactOptional(),
});

export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #started: Promise<void>;
  /** Resolves, with what to tell people, when the process has ended. */
  readonly #ended: Promise<PrmError>;
  /** Last line of the engine's output that names an error: the cause where it then exits. */
  #errorLine: string | undefined;
  #death: PrmError | undefined;
  #stopping = false;

  /** @throws PrmError where the engine's bundle is missing */
  constructor({ engineFile, environment, onOutput, onDeath }: EngineProcessOptions) {
    if (!existsSync(engineFile)) {
      throw new PrmError({
        where: engineFile,
        what: 'The scoring engine is missing',
        remedy: 'Install the extension again, or run `npm run build` in a source checkout.',
      });
    }
    // Neither a debugger's arguments nor the parent's standard output are for the engine: an LSP may run over that.
    this.#child = fork(engineFile, [], {
      // Inside VS Code the running program is Electron, which is Node only when told so.
      env: { ...environment, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#connection = createMessageConnection(
      new IPCMessageReader(this.#child),
      new IPCMessageWriter(this.#child),
      NullLogger,
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue;
      onLines(stream, (line) => {
        if (/^\w*Error\b/.test(line)) this.#errorLine = line.trim();
        onOutput(line);
      });
    }
    this.#ended = new Promise((resolve) => {
      const end = (how: string, mayBeMemory: boolean) => {
        if (this.#death !== undefined) return;
        this.#death = stopped(how, mayBeMemory);
        this.#connection.dispose();
        if (!this.#stopping) onDeath(this.#death);
        resolve(this.#death);
      };
      // 'close' comes after 'exit' and after the last line of output, which may say why.
      this.#child.once('close', (code, signal) => {
        if (signal !== null) end(` (signal ${signal})`, MEMORY_SIGNALS.has(signal));
        else end(` (exit code ${code ?? 'unknown'})${reason(this.#errorLine)}`, false);
      });
      this.#child.once('error', (error) => {
        end(reason(error.message), false);
      });
    });
    this.#started = this.#waitForStart();
    this.#connection.listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Asks the engine, once it has started.
   * @throws PrmError with what the engine says, or that it stopped
   */
  async request<R>(method: string, params: object): Promise<R> {
    try {
      await this.#started;
      // Both sides are of one build, so the answer is what protocol/src/engine.ts says.
      return await this.#connection.sendRequest<R>(method, params);
    } catch (error) {
      if (this.#stopping) throw new CancelledError('The scoring engine was shut down.');
      if (error instanceof PrmError) throw error;
      if (error instanceof ResponseError) {
        const data = errorDataSchema.safeParse(error.data);
        if (data.data?.tooLong === true) throw new TraceTooLongError(data.data);
        if (data.success) throw new PrmError(data.data);
      }
      // A request fails before the process is known to have ended; what it ended of says more.
      throw this.#child.connected ? failed(error) : await this.#ended;
    }
  }

  /** Ends the process at once: it holds nothing that could be lost. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // Not disconnect(): Node then never says that the process has closed, and a computation would go on.
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #waitForStart(): Promise<void> {
    const started = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(tooSlow());
        this.#child.kill('SIGKILL');
      }, START_TIMEOUT_MILLISECONDS);
      this.#connection.onNotification(ENGINE_STARTED, () => {
        clearTimeout(timer);
        resolve();
      });
      void this.#ended.then((death) => {
        clearTimeout(timer);
        reject(death);
      });
    });
    // Whoever asks gets the failure; before the first question there is nobody to tell.
    started.catch(() => undefined);
    return started;
  }
}

/** Calls back for every line of a stream, the last one without a line end included. */
function onLines(stream: Readable, use: (line: string) => void): void {
  createInterface({ input: stream }).on('line', use);
}

function stopped(how: string, mayBeMemory: boolean): PrmError {
  return new PrmError({
    what: `The scoring engine stopped${how}`,
    remedy: mayBeMemory
      ? 'The system may have run out of memory. Try again: the engine starts anew.'
      : 'Try again: it starts anew.',
  });
}

/** As the end of a sentence that gets its full stop elsewhere. */
function reason(line: string | undefined): string {
  return line === undefined ? '' : `: ${line.replace(/\.$/, '')}`;
}

function tooSlow(): PrmError {
  return new PrmError({
    what: `The scoring engine did not start within ${START_TIMEOUT_MILLISECONDS / 1000} s`,
    remedy: 'Try again; if it happens again, look at the output for its cause.',
  });
}

function failed(error: unknown): PrmError {
  return new PrmError({
    what: `The scoring engine failed: ${messageOf(error).replace(/\.$/, '')}`,
    remedy: 'Try again; if it happens again, load the model again.',
    cause: error,
  });
}
