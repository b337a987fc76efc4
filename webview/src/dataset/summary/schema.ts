// What the file is made of: columns with types and statistics, and a Parquet file's row groups.
import { html, nothing, type TemplateResult } from 'lit';
import type {
  ColumnStatistics,
  DatasetSummary,
  FileSchema,
} from '../../../../protocol/src/datasetSummary.ts';
import type { RowCondition } from '../../../../protocol/src/datasets.ts';
import { bytes, count, counted, short } from '../../ui/format.ts';
import type { SummaryWish } from './model.ts';

type Send = (wish: SummaryWish) => void;

/** Lines of a table that are drawn; a file may have 10,000 columns or row groups. */
const MOST_LINES = 500;

export function columnsView({ columns, schema }: DatasetSummary, send: Send): TemplateResult {
  // Statistics are kept for the first ones only; a text file's rows may have fields that its beginning has not.
  const all = Math.max(columns.length, schema.columns.length);
  const shown = Math.min(columns.length, MOST_LINES);
  const filter = (number: number, condition: RowCondition, name: string) =>
    number === 0
      ? html`0`
      : html`<button
          class="link"
          aria-label=${name}
          @click=${() => {
            send({ type: 'filter', condition });
          }}
        >
          ${count(number)}
        </button>`;
  return html`<section aria-labelledby="summary-columns">
    <h3 id="summary-columns">Columns</h3>
    <div class="wide" tabindex="0" role="region" aria-label="Column statistics">
      <table>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
            <th scope="col">Null</th>
            <th scope="col">Empty</th>
            <th scope="col">Distinct</th>
            <th scope="col">Least</th>
            <th scope="col">Mean</th>
            <th scope="col">Most</th>
            <th scope="col">Length</th>
          </tr>
        </thead>
        <tbody>
          ${columns.slice(0, shown).map(
            (column) =>
              html`<tr>
                <th scope="row">${column.name}</th>
                <td>${column.type}</td>
                <td>
                  ${filter(
                    column.nulls,
                    { kind: 'column', column: column.name, test: 'is-null', value: '' },
                    `${counted(column.nulls, 'row')} with null in ${column.name}. Show them`,
                  )}
                </td>
                <td>${count(column.empty)}</td>
                <td>${distinct(column)}</td>
                <td>${number(column.min)}</td>
                <td>${number(column.mean)}</td>
                <td>${number(column.max)}</td>
                <td>${length(column)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${cut(all, 'column', shown, ' A row’s JSON has all.')}
  </section>`;
}

export function schemaView(schema: FileSchema): TemplateResult {
  const { parquet } = schema;
  return html`<section aria-labelledby="summary-file">
    <h3 id="summary-file">File</h3>
    <dl>
      <dt>Kind</dt>
      <dd>${schema.kind}</dd>
      <dt>Columns</dt>
      <dd>${count(schema.columns.length)}</dd>
      ${
        parquet === undefined
          ? nothing
          : html`<dt>Written by</dt>
              <dd>${parquet.createdBy ?? 'not said'}</dd>
              <dt>Codecs</dt>
              <dd>${parquet.codecs.join(', ') || 'none'}</dd>
              <dt>Row groups</dt>
              <dd>${count(parquet.rowGroups.length + parquet.moreRowGroups)}</dd>`
      }
    </dl>
    ${parquet === undefined ? nothing : parquetDetails(parquet)}
  </section>`;
}

function parquetDetails({
  rowGroups,
  moreRowGroups,
  keyValues,
}: NonNullable<FileSchema['parquet']>): TemplateResult {
  return html`<details>
      <summary>${counted(rowGroups.length + moreRowGroups, 'row group')}</summary>
      <div class="wide" tabindex="0" role="region" aria-label="Row groups">
        <table>
          <thead>
            <tr>
              <th scope="col">Row group</th>
              <th scope="col">Rows</th>
              <th scope="col">Bytes</th>
              <th scope="col">Compressed</th>
            </tr>
          </thead>
          <tbody>
            ${rowGroups.slice(0, MOST_LINES).map(
              (group, index) =>
                html`<tr>
                  <th scope="row">${count(index + 1)}</th>
                  <td>${count(group.rows)}</td>
                  <td>${bytes(group.bytes)}</td>
                  <td>${bytes(group.compressedBytes)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${cut(rowGroups.length + moreRowGroups, 'row group', Math.min(rowGroups.length, MOST_LINES))}
    </details>
    ${
      keyValues.length === 0
        ? nothing
        : html`<details>
            <summary>Metadata (${counted(keyValues.length, 'entry', 'entries')})</summary>
            <div class="wide" tabindex="0" role="region" aria-label="Metadata">
              <dl>
                ${keyValues.map(
                  ({ key, value }) =>
                    html`<dt>${key}</dt>
                      <dd class="value">${value}</dd>`,
                )}
              </dl>
            </div>
          </details>`
    }`;
}

function cut(all: number, noun: string, shown: number, hint = ''): TemplateResult | typeof nothing {
  return all <= shown
    ? nothing
    : html`<p class="note">The first ${count(shown)} of ${counted(all, noun)}.${hint}</p>`;
}

function distinct({ distinct: number, distinctExact }: ColumnStatistics): string {
  return distinctExact ? count(number) : `about ${count(number)}`;
}

/** A column without numbers has none of the three. */
function number(value: number | null): string {
  return value === null ? '–' : short(value);
}

function length({ length: spread, type }: ColumnStatistics): string {
  if (spread === null) return '–';
  const unit = type.startsWith('list') ? 'items' : 'characters';
  if (spread.min === spread.max) return `${short(spread.min)} ${unit}`;
  return `${short(spread.min)} to ${short(spread.max)} ${unit}, mean ${short(spread.mean)}`;
}
