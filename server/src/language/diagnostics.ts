// Diagnostics: broken rows of datasets, and marks of `.steps` documents that are no labels. Other files are left alone.
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { FaultScan, MOST_FAULTS, type FoundFault } from './rows/faultScan.ts';
import type { RowBook } from './rows/rowBook.ts';
import { readStepsDocument } from './rows/stepLabels.ts';
import type { Workplace } from './workplace.ts';

const SOURCE = 'PRM';
/** Milliseconds of quiet before a document is read; large ones wait longer, since each edit ends a reading. */
const QUIET = 250;
const QUIET_LARGE = 1000;
/** UTF-16 units. */
const LARGE = 5_000_000;

interface Watched {
  document: TextDocument;
  scan: FaultScan | undefined;
  timer: NodeJS.Timeout | undefined;
  reading: AbortController | undefined;
  /** Diagnostics are on screen. */
  isMarked: boolean;
}

export class Diagnostics {
  readonly #workplace: Workplace;
  readonly #rows: RowBook;
  readonly #watched = new Map<string, Watched>();

  constructor(workplace: Workplace, rows: RowBook) {
    this.#workplace = workplace;
    this.#rows = rows;
    const { documents } = workplace;
    documents.onDidOpen(({ document }) => this.#open(document));
    documents.onDidClose(({ document }) => this.#close(document));
    workplace.onEdit((uri, edit) => {
      const watched = this.#watched.get(uri);
      if (watched === undefined) return;
      watched.scan?.edited(edit);
      this.#schedule(watched);
    });
  }

  /** The setting may have changed: everything is read again, or nothing is marked any more. */
  settingsChanged(): void {
    for (const watched of this.#watched.values()) this.#schedule(watched);
  }

  dispose(): void {
    for (const watched of this.#watched.values()) stop(watched);
    this.#watched.clear();
  }

  #open(document: TextDocument): void {
    const rows = this.#rows.get(document.uri);
    const isSteps = readStepsDocument(document) !== undefined;
    if (rows === undefined && !isSteps) return;
    const scan = rows && new FaultScan(rows);
    const watched = { document, scan, timer: undefined, reading: undefined, isMarked: false };
    this.#watched.set(document.uri, watched);
    this.#schedule(watched);
  }

  #close({ uri }: TextDocument): void {
    const watched = this.#watched.get(uri);
    if (watched === undefined) return;
    stop(watched);
    this.#watched.delete(uri);
    this.#publish(watched, []);
  }

  #schedule(watched: Watched): void {
    stop(watched);
    const { length } = watched.document.getText();
    watched.timer = setTimeout(
      () => {
        this.#read(watched).catch((error: unknown) => this.#workplace.log(`Diagnostics: ${String(error)}`));
      },
      length > LARGE ? QUIET_LARGE : QUIET,
    );
  }

  async #read(watched: Watched): Promise<void> {
    const { document, scan } = watched;
    if (!this.#workplace.settings['diagnostics.enabled']) {
      this.#publish(watched, []);
      return;
    }
    if (scan === undefined) {
      this.#publish(watched, marksThatAreNone(document));
      return;
    }
    const reading = new AbortController();
    watched.reading = reading;
    const result = await scan.run(reading.signal);
    if (reading.signal.aborted) return;
    const diagnostics = (result?.faults ?? []).map((fault) => diagnosticOf(document, fault));
    const last = result?.faults.at(-1);
    if (result?.isCapped === true && last !== undefined) diagnostics.push(capNotice(document, last));
    this.#publish(watched, diagnostics);
  }

  #publish(watched: Watched, diagnostics: Diagnostic[]): void {
    if (this.#workplace.closing || (diagnostics.length === 0 && !watched.isMarked)) return;
    watched.isMarked = diagnostics.length > 0;
    this.#workplace.connection
      .sendDiagnostics({ uri: watched.document.uri, diagnostics })
      .catch((error: unknown) => this.#workplace.log(`Diagnostics could not be sent: ${String(error)}`));
  }
}

function stop(watched: Watched): void {
  clearTimeout(watched.timer);
  watched.reading?.abort();
}

function diagnosticOf(document: TextDocument, fault: FoundFault): Diagnostic {
  const { rowStart, start, end, message, code, isBroken } = fault;
  return {
    range: { start: document.positionAt(rowStart + start), end: document.positionAt(rowStart + end) },
    message,
    code,
    source: SOURCE,
    severity: isBroken ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
  };
}

function capNotice(document: TextDocument, { rowStart }: FoundFault): Diagnostic {
  const at = document.positionAt(rowStart);
  return {
    range: { start: at, end: { line: at.line, character: at.character + 1 } },
    message: `The first ${MOST_FAULTS} broken rows are marked; the rows behind this one were not looked at.`,
    code: 'more-rows',
    source: SOURCE,
    severity: DiagnosticSeverity.Information,
  };
}

function marksThatAreNone(document: TextDocument): Diagnostic[] {
  const marks = (readStepsDocument(document)?.steps ?? []).flatMap(({ unknownMark }) => unknownMark ?? []);
  return marks.slice(0, MOST_FAULTS).map((mark) => ({
    range: { start: document.positionAt(mark.start), end: document.positionAt(mark.end) },
    message:
      'This is no label: [+] is correct, [-] incorrect, [0] neutral, [+ 0.75] a soft label. If it is part of the step, write [ ] behind it.',
    code: 'unknown-label',
    source: SOURCE,
    severity: DiagnosticSeverity.Warning,
  }));
}
