// The labelled steps of a document, whether it is a dataset or a `.steps` document.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Step, Trace } from '../../datasets/trace.ts';
import { parseSteps, type ReasoningText } from '../../scoring/reasoningText.ts';
import { blankMarkers, STEPS_LANGUAGE } from '../reading.ts';
import type { Region } from '../region.ts';
import type { RowBook } from './rowBook.ts';
import type { RowText } from './rowDocument.ts';
import type { PlacedRow } from './rowReading.ts';

/** A path of a row, or the reasoning of a `.steps` document. */
export interface LabelledPath {
  trace: Trace;
  /** 0-based; null where no step is incorrect. */
  firstError: number | null;
  /** For each step of the trace; undefined where it stands nowhere, or with another path. Offsets into the document. */
  places: (LabelPlace | undefined)[];
}

export interface LabelPlace extends Region {
  /** Where a hint belongs. */
  behind: number;
}

/** One step at its place. */
export interface LabelledStep {
  path: LabelledPath;
  /** 0-based, in the path. */
  index: number;
  step: Step;
  place: LabelPlace;
}

/** A `.steps` document holds one problem; what is longer is something else. UTF-16 units. */
const LONGEST_STEPS_DOCUMENT = 1_000_000;

/** Text of a dataset that is read for one answer, where a client asks for more than is in sight. UTF-16 units. */
const MOST_READ = 10_000_000;

export function pathsOfRow({ start }: RowText, { row, places }: PlacedRow): LabelledPath[] {
  return row.traces.map((trace, index) => ({
    trace,
    firstError: firstErrorOf(trace),
    places: (places[index] ?? []).map(
      (place) =>
        place && { start: start + place.start, end: start + place.end, behind: start + place.behind },
    ),
  }));
}

/** The steps of a `.steps` document with their labels; undefined for other documents. */
export function readStepsDocument(document: TextDocument): ReasoningText | undefined {
  if (document.languageId !== STEPS_LANGUAGE) return undefined;
  const text = document.getText();
  if (text.length > LONGEST_STEPS_DOCUMENT) return undefined;
  const kept = readings.get(document);
  if (kept?.version === document.version) return kept.reading;
  const reading = parseSteps(blankMarkers(text, document.languageId));
  readings.set(document, { version: document.version, reading });
  return reading;
}

const readings = new WeakMap<TextDocument, { version: number; reading: ReasoningText }>();

export function pathOfSteps({ problem, steps }: ReasoningText): LabelledPath {
  const trace: Trace = {
    problem: problem?.text ?? '',
    steps: steps.map(({ text, mark }) => ({
      text,
      label: mark?.label ?? 'unlabelled',
      ...(mark?.soft === undefined ? {} : { soft: mark.soft }),
    })),
  };
  return {
    trace,
    firstError: firstErrorOf(trace),
    places: steps.map(({ start, end, mark }) => ({ start, end, behind: mark?.end ?? end })),
  };
}

/** Labelled steps whose hints lie in the region, in no order; of a dataset, only the rows there are read. */
export function* labelledSteps(
  document: TextDocument,
  book: RowBook,
  region: Region,
): Generator<LabelledStep> {
  for (const path of pathsIn(document, book, region)) {
    for (const [index, place] of path.places.entries()) {
      const step = path.trace.steps[index];
      if (place === undefined || step === undefined) continue;
      if (place.behind >= region.start && place.start <= region.end) yield { path, index, step, place };
    }
  }
}

function* pathsIn(document: TextDocument, book: RowBook, region: Region): Generator<LabelledPath> {
  const reading = readStepsDocument(document);
  if (reading !== undefined) {
    yield pathOfSteps(reading);
    return;
  }
  const rows = book.get(document.uri);
  if (rows?.layout === undefined) return;
  let read = 0;
  for (const row of rows.rowsIn(region)) {
    const placed = rows.read(row);
    if (placed !== undefined) yield* pathsOfRow(row, placed);
    read += row.text.length;
    if (read > MOST_READ) return;
  }
}

function firstErrorOf({ steps }: Trace): number | null {
  const index = steps.findIndex(({ label }) => label === 'incorrect');
  return index === -1 ? null : index;
}
