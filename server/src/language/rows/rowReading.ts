// One row of a dataset, read by its layout, with the places of its steps in the row's JSON text.
import type { RowFault } from '../../../../protocol/src/datasets.ts';
import { isFault, type Fields, type LayoutRow } from '../../datasets/layouts/layout.ts';
import { readJsonStrings } from './jsonStrings.ts';
import { placeSteps, type StepPlace } from './stepPlaces.ts';

export type ReadRow = (fields: Fields) => LayoutRow | RowFault;

export interface PlacedRow {
  row: LayoutRow;
  /** For each trace, for each of its steps; offsets into the row's text. */
  places: (StepPlace | undefined)[][];
}

/** @returns undefined where the text is no JSON object, or the row is not of the layout */
export function readPlacedRow(text: string, read: ReadRow): PlacedRow | undefined {
  const fields = readFields(text);
  if (fields === undefined) return undefined;
  const row = read(fields);
  if (isFault(row)) return undefined;
  return { row, places: placeSteps(text, readJsonStrings(text), row.traces) };
}

/** The fields of a JSON object; undefined for other text. */
export function readFields(text: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
