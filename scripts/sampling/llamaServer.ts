// A real model server for checks: llama.cpp's own HTTP server, from the Python package xllamacpp, in a process of its own.
// npm's node-llama-cpp has llama.cpp but no server; a server of ours around it would prove less.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { OUT } from '../lib/paths.ts';
import { fetchWheel, PYTHON } from '../lib/wheels.ts';

export const SERVER_PACKAGE = 'xllamacpp==2026.10.11549';
const FOLDER = path.join(OUT, 'xllamacpp');
/** Requests that the server works on at once; more wait. */
const SLOTS = 4;

const slotsSchema = z.array(z.object({ is_processing: z.boolean() }));
const countSchema = z.object({ tokens: z.array(z.int()) });
const templateSchema = z.object({ prompt: z.string() });

/** What the server itself counted since it started. */
export interface ServerCounts {
  requests: number;
  /** More than the requests where these asked for several at once. */
  samples: number;
  /** Read and written. */
  promptTokens: number;
  completionTokens: number;
}

export class LlamaServer {
  /** Base address of the OpenAI-compatible API. */
  readonly api: string;
  /** As a request names it. */
  readonly model: string;
  /** Tokens that a prompt with its answer may have. */
  readonly context: number;
  readonly #address: string;
  readonly #process: ChildProcess;
  #requests = 0;
  #children = 0;

  private constructor(process: ChildProcess, address: string, { model, context }: ServerOptions) {
    this.#process = process;
    this.#address = address;
    this.api = `${address}/v1`;
    this.model = model;
    this.context = context;
  }

  /** @returns undefined where the package cannot be had for this machine */
  static async start(gguf: string, options: ServerOptions): Promise<LlamaServer | undefined> {
    if ((await fetchWheel(SERVER_PACKAGE, FOLDER, 'xllamacpp/__init__.py')) === undefined) return undefined;
    const { model, context } = options;
    const script = path.join(import.meta.dirname, 'llamaServer.py');
    const numbers = [SLOTS, context, availableParallelism()].map(String);
    const child = spawn(PYTHON, [script, FOLDER, gguf, model, ...numbers], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Threads that spin while they wait for each other are ten times slower on a machine that has other work.
      env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
    });
    const log = createInterface(child.stderr);
    const said: string[] = [];
    log.on('line', (line) => said.push(line));
    const lines = createInterface(child.stdout);
    const [address] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
    if (typeof address !== 'string') {
      throw new Error(`The model server did not start.\n${said.slice(-20).join('\n')}`);
    }
    const server = new LlamaServer(child, address, options);
    // From its own log: a request begins in a slot; further samples of the same request are children.
    log.on('line', (line) => {
      if (!line.includes('processing task')) return;
      if (line.includes('is_child = 1')) server.#children++;
      else server.#requests++;
    });
    return server;
  }

  /** Begun since it started; as `counts`, but at once. */
  get requests(): number {
    return this.#requests;
  }

  async counts(): Promise<ServerCounts> {
    const text = await this.#get('/metrics');
    const metric = (name: string): number =>
      Number(new RegExp(`^llamacpp:${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
    return {
      requests: this.#requests,
      samples: this.#requests + this.#children,
      promptTokens: metric('prompt_tokens_total') + metric('prompt_tokens_cached_total'),
      completionTokens: metric('tokens_predicted_total'),
    };
  }

  /** Generations that run now. */
  async busy(): Promise<number> {
    const slots = slotsSchema.parse(JSON.parse(await this.#get('/slots')));
    return slots.filter(({ is_processing }) => is_processing).length;
  }

  /** Waits until nothing runs. @returns milliseconds; undefined where something still runs after `most` */
  async idleAfter(most: number): Promise<number | undefined> {
    const start = performance.now();
    while ((await this.busy()) > 0) {
      if (performance.now() - start > most) return undefined;
      await wait(20);
    }
    return performance.now() - start;
  }

  /** Tokens of a text as llama.cpp cuts it; of messages as its template writes them. */
  async tokens(of: string | readonly { role: string; content: string }[]): Promise<number> {
    const content =
      typeof of === 'string'
        ? of
        : templateSchema.parse(await this.post('/apply-template', { messages: of })).prompt;
    // Chat templates write markers as text.
    return countSchema.parse(await this.post('/tokenize', { content, parse_special: true })).tokens.length;
  }

  /** @returns the JSON of the answer, whatever its status */
  async post(route: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.#address}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  }

  async #get(route: string): Promise<string> {
    return (await fetch(`${this.#address}${route}`)).text();
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await ended;
  }
}

interface ServerOptions {
  model: string;
  context: number;
}
