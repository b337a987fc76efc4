// One row as a text of its own: JSON, an account for reading, or a `.steps` document.
import type { DatasetRowTextParams } from '../../../../protocol/src/datasets.ts';
import { cleanStep } from '../../models/families/stepText.ts';
import { PrmError } from '../../support/errors.ts';
import { isFault } from '../layouts/layout.ts';
import type { SourceRow } from '../rowSource.ts';
import { writeSteps } from '../stepsText.ts';
import type { Trace } from '../trace.ts';
import type { RowReader } from './cells.ts';
import { jsonText } from './jsonText.ts';

/** A longer text is refused: editors and clipboards choke on it. */
const LONGEST_TEXT = 20_000_000;

/**
 * @param path which path of the row, 0-based; not used for `json`
 * @throws PrmError where the row cannot be read, does not fit the layout, has no such path, or is too long
 */
export function rowText(
  row: SourceRow,
  read: RowReader | undefined,
  format: DatasetRowTextParams['format'],
  path = 0,
): string {
  const where = `row ${row.number}`;
  const { fields, fault } = row;
  if (fields === undefined) throw refused(where, fault?.reason ?? 'the row is empty');
  if (format === 'json') {
    const { text, cut } = jsonText(fields, { limit: LONGEST_TEXT, indent: 2 });
    if (cut) throw tooLong(where);
    return text;
  }
  if (read === undefined) throw refused(where, 'no layout fits the file');
  const layoutRow = read(fields);
  if (isFault(layoutRow)) throw refused(where, layoutRow.reason);
  const trace = layoutRow.traces[path];
  if (trace === undefined) throw refused(where, `there is no path ${path + 1}`);
  const text = format === 'steps' ? writeSteps(trace) : account(trace, layoutRow.answer);
  if (text.length > LONGEST_TEXT) throw tooLong(where);
  return text;
}

function refused(where: string, reason: string): PrmError {
  return new PrmError({ where, what: reason, remedy: 'Choose another row.' });
}

function tooLong(where: string): PrmError {
  const what = `the row is longer than ${LONGEST_TEXT / 1e6} MB as text`;
  return new PrmError({ where, what, remedy: 'Read it in the trace view.' });
}

function account(trace: Trace, answer: string | undefined): string {
  const firstError = trace.steps.findIndex(({ label }) => label === 'incorrect');
  const lines = [trace.problem.trim(), ''];
  for (const [index, { text, label }] of trace.steps.entries()) {
    const words = label === 'unlabelled' ? '' : ` (${index === firstError ? 'first incorrect' : label})`;
    lines.push(`Step ${index + 1}${words}: ${cleanStep(text)}`);
  }
  if (answer !== undefined) lines.push('', `Reference answer: ${answer.trim()}`);
  return `${lines.join('\n')}\n`;
}
