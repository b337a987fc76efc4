// The last pass: writes every example that is kept to its side's file.
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ExampleWriter } from './exampleWriter.ts';
import type { ClassCounts } from './formatReport.ts';
import type { LayoutRows } from './layoutRows.ts';
import type { LayoutRow } from '../layouts/layout.ts';
import type { Mix } from './mixing.ts';
import { TRAIN_FILE, VALIDATION_FILE } from './outputFolder.ts';
import { shuffleLines } from './shuffleLines.ts';
import { SIDES, type Side, type Split } from './split.ts';
import { keyOfRuns } from './survey.ts';

export interface WritingInput {
  dataset: string;
  layout: string;
  rows: LayoutRows;
  /** Called before its rows are read. */
  begin: () => void;
}

export interface WritingOptions {
  seed: number;
  shuffle: boolean;
  provenance: boolean;
  signal: AbortSignal | undefined;
}

const FILE_OF: Readonly<Record<Side, string>> = { train: TRAIN_FILE, validation: VALIDATION_FILE };

/**
 * @param folder where the two files are made
 * @returns the examples that were written, by input and side
 */
export async function writeExamples(
  folder: string,
  inputs: readonly WritingInput[],
  split: Split,
  mix: Mix,
  options: WritingOptions,
): Promise<Record<Side, ClassCounts>[]> {
  const { seed, shuffle, provenance, signal } = options;
  const fileOf = (side: Side): string => path.join(folder, FILE_OF[side]);
  const writers = {
    train: await ExampleWriter.create(fileOf('train')),
    validation: await ExampleWriter.create(fileOf('validation')),
  };
  const written = inputs.map(() => ({ train: noExamples(), validation: noExamples() }));
  const keyOf = keyOfRuns(seed);
  try {
    for (const [index, { rows, dataset, layout, begin }] of inputs.entries()) {
      const sides = mix.inputs[index];
      const counts = written[index];
      if (sides === undefined || counts === undefined) continue;
      begin();
      for await (const batch of rows.batches()) {
        for (const { row, number } of batch) {
          if (row === undefined) continue;
          const side = split.sideOf(keyOf(row.problem));
          const writer = writers[side];
          const { balance } = sides[side];
          const source = provenance ? sourceText(dataset, layout, number, row) : '';
          for (const trace of row.traces) {
            writer.begin(trace, source);
            for (let step = trace.alternativeAt ?? 0; step < trace.steps.length; step++) {
              const label = trace.steps[step]?.label;
              if (label !== 'correct' && label !== 'incorrect') continue;
              if (!balance.keep(label === 'correct')) continue;
              counts[side][label]++;
              const diskBehind = writer.write(step, label === 'correct');
              if (diskBehind !== undefined) await diskBehind;
            }
          }
        }
      }
    }
    for (const side of SIDES) await writers[side].finish();
  } catch (error) {
    for (const side of SIDES) await writers[side].abandon();
    throw error;
  }
  if (shuffle) for (const side of SIDES) await shuffleFile(fileOf(side), side, seed, signal);
  return written;
}

const noExamples = (): ClassCounts => ({ correct: 0, incorrect: 0 });

/** The field `source` of an example, as it stands behind the others. */
function sourceText(dataset: string, layout: string, number: number, { id }: LayoutRow): string {
  return `,"source":${JSON.stringify({ dataset, row: number, layout, id })}`;
}

async function shuffleFile(
  file: string,
  side: Side,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const inOrder = `${file}.in-order`;
  await rename(file, inOrder);
  await shuffleLines(inOrder, file, side === 'train' ? seed : ~seed, { signal });
  await rm(inOrder);
}
