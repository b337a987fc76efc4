// What stands in a cell: text that is only ever text, words where there is no value, marks for the labels of steps.
import { html, nothing, type TemplateResult } from 'lit';
import type { Cell, DatasetRow, StepLabel, TraceMarks } from '../../../../protocol/src/datasets.ts';
import { count } from '../../ui/format.ts';
import { LABEL_SIGNS } from '../../ui/labels.ts';
import type { GridColumn } from './columns.ts';

export function cellContent(column: GridColumn, row: DatasetRow): TemplateResult | string {
  const { content } = column;
  switch (content.kind) {
    case 'number':
      return numberContent(row);
    case 'marks':
      if (row.fault !== undefined) return faultContent(row);
      return row.marks === undefined ? '' : marksContent(row.marks);
    case 'steps':
      return row.marks === undefined ? '' : stepsContent(row.marks);
    case 'cell': {
      const cell = row.cells[content.index];
      return cell === undefined ? '' : valueContent(cell);
    }
  }
}

/** Class of a cell, by which numbers stand to the right. */
export function cellClass(column: GridColumn, row: DatasetRow): string {
  const { content } = column;
  if (content.kind !== 'cell') return content.kind;
  return row.cells[content.index]?.kind ?? 'missing';
}

/** Why a row cannot be read or understood. */
export function faultContent({ fault }: DatasetRow): TemplateResult | string {
  if (fault === undefined) return '';
  const detail = fault.detail === undefined ? '' : `: ${fault.detail}`;
  return html`<span class="fault"><span aria-hidden="true">⚠ </span>${fault.reason}${detail}</span>`;
}

function numberContent(row: DatasetRow): TemplateResult {
  return html`${
    row.fault === undefined ? nothing : html`<span class="fault" aria-hidden="true">⚠</span>`
  }${count(row.number)}`;
}

function valueContent(cell: Cell): TemplateResult | string {
  switch (cell.kind) {
    case 'missing':
      return absent('missing', 'the row has no such field');
    case 'null':
      return absent('null', 'no value');
    case 'empty':
      return absent('empty', 'of no length');
    case 'list':
      return html`<bdi class="value">${shown(cell)}</bdi>${length(cell.length, 'item')}`;
    case 'binary':
      return html`<bdi class="value">${shown(cell)}</bdi>${length(cell.length, 'byte')}`;
    case 'text':
    case 'number':
    case 'boolean':
    case 'time':
    case 'object':
      return html`<bdi class="value">${shown(cell)}</bdi>`;
  }
}

function shown(cell: Cell): string {
  return cell.cut === true && !cell.text.endsWith('…') ? `${cell.text}…` : cell.text;
}

function absent(word: string, explanation: string): TemplateResult {
  return html`<span class="absent">${word}</span><span class="heard"> (${explanation})</span>`;
}

function length(items: number | undefined, unit: string): TemplateResult | typeof nothing {
  if (items === undefined) return nothing;
  return html` <span class="length">${count(items)} ${items === 1 ? unit : `${unit}s`}</span>`;
}

function stepsContent({ steps, traces }: TraceMarks): TemplateResult {
  const paths = traces > 1 ? html`<span class="length"> × ${count(traces)} paths</span>` : nothing;
  return html`${count(steps)}${paths}`;
}

function marksContent(marks: TraceMarks): TemplateResult {
  return html`<span class="strip" aria-hidden="true"
      >${runsOf(marks).map(
        (run) => html`<span class=${run.first ? `${run.label} first` : run.label}>${run.text}</span>`,
      )}${marks.steps > marks.labels.length ? html`<span class="more">…</span>` : nothing}</span
    ><span class="heard">${marksInWords(marks)}</span>`;
}

/** Neighbours with the same label share an element: a row of 64 steps has few. */
function runsOf(marks: TraceMarks): { label: StepLabel; text: string; first: boolean }[] {
  const runs: { label: StepLabel; text: string; first: boolean }[] = [];
  for (const [index, label] of marks.labels.entries()) {
    const first = index + 1 === marks.firstError;
    const last = runs.at(-1);
    if (last?.label === label && !last.first && !first) last.text += LABEL_SIGNS[label];
    else runs.push({ label, text: LABEL_SIGNS[label], first });
  }
  return runs;
}

function marksInWords(marks: TraceMarks): string {
  const counts = new Map<StepLabel, number>();
  for (const label of marks.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts].map(([label, number]) => `${number} ${label}`).join(', ');
  const first = marks.firstError === null ? 'no wrong step' : `first wrong step ${marks.firstError}`;
  return labels === '' ? first : `${first}; ${labels}`;
}
