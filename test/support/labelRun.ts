// Runs of `prm label` in a folder of their own, with a model server on loopback: for tests.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  labelDatasets,
  type LabelHooks,
  type LabelSummary,
} from '../../server/src/generation/labelDatasets.ts';
import type { LabelOptions } from '../../server/src/generation/labelOptions.ts';
import { chainText, type ChainModel } from './chainModel.ts';
import { writeJsonl } from './stepwise.ts';
import { streamed, TestChatServer, type ChatAnswer } from './testChatServer.ts';

export interface LabelledRow {
  prompt: string;
  completions: string[];
  labels: (boolean | number | null)[];
  estimates?: (number | null)[];
  first_error: number | null;
  source_row: number;
  trace: number;
}

export class LabelRun {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'label-'));
  readonly server = new TestChatServer();

  static async start(): Promise<LabelRun> {
    const run = new LabelRun();
    await run.server.start();
    return run;
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  write(rows: readonly object[]): void {
    writeJsonl(this.at('in.jsonl'), rows);
  }

  label(
    options: Partial<LabelOptions> & Pick<LabelOptions, 'by'>,
    hooks: LabelHooks = {},
  ): Promise<LabelSummary> {
    return labelDatasets(
      {
        datasets: [this.at('in.jsonl')],
        outputDir: this.at('out'),
        server: this.server.address,
        model: 'tiny',
        cacheDir: this.at('cache'),
        rollouts: 2,
        overwrite: true,
        ...options,
      },
      { environment: {}, firstPause: 1, ...hooks },
    );
  }

  /** The rows of the last run. */
  get written(): LabelledRow[] {
    return readFileSync(this.at('out/labelled.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LabelledRow);
  }

  async end(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A row of solutions as `prm generate sample` writes them. */
export const unlabelledRow = (
  completions: readonly string[],
  answer: string | null = '20',
  prompt = 'How many?',
) => ({ prompt, completions, labels: completions.map(() => null), answer });

/** A server whose model is that of chains. */
export const chainServer = (model: ChainModel): ChatAnswer =>
  streamed({ text: ({ messages, seed }) => chainText(messages, seed, model) });
