// The compared runs side by side: results and settings, what differs marked.
import { html, nothing, type TemplateResult } from 'lit';
import type { RunSummary } from '../../../../protocol/src/dashboard.ts';
import { count, percent } from '../../ui/format.ts';
import { lineStyle } from '../charts/styles.ts';
import { swatch } from '../charts/swatch.ts';
import type { DashboardPage } from '../page.ts';
import { METRICS } from '../run/results.ts';
import { STATE_SIGNS } from '../runs/states.ts';
import { settingRows, settingWords, type SettingRow } from './differing.ts';

const PART = 'settings';

export function compareView(page: DashboardPage): TemplateResult {
  const runs = page.selected;
  const several = runs.length > 1;
  const open = several || page.kept.unfolded.includes(PART);
  if (several) {
    return html`<section class="compare" aria-labelledby="compare-title">
      <h3 id="compare-title">Compared runs</h3>
      ${onlyDiffering(page)}${table(page, runs)}
    </section>`;
  }
  return html`<details
    class="compare"
    ?open=${open}
    @toggle=${(event: Event) => {
      page.unfold(PART, (event.target as HTMLDetailsElement).open);
    }}
  >
    <summary>Settings</summary>
    ${open ? table(page, runs) : nothing}
  </details>`;
}

function onlyDiffering(page: DashboardPage): TemplateResult {
  return html`<label class="choice"
    ><input
      type="checkbox"
      .checked=${page.kept.onlyDiffering}
      @change=${(event: Event) => {
        page.setOnlyDiffering((event.target as HTMLInputElement).checked);
      }}
    />
    Only settings that differ</label
  >`;
}

function table(page: DashboardPage, runs: readonly RunSummary[]): TemplateResult {
  const several = runs.length > 1;
  const rows = settingRows(runs).filter(({ differs }) => differs || !several || !page.kept.onlyDiffering);
  return html`<div class="wide" tabindex="0" role="region" aria-label="Settings of the runs">
    <table>
      ${
        several
          ? html`<thead>
                <tr>
                  <td></td>
                  ${runs.map((run, index) => runHeading(run, index, runs.length))}
                </tr>
              </thead>
              <tbody>
                ${resultRows(runs)}
              </tbody>`
          : nothing
      }
      <tbody>
        ${rows.map((row) => settingRow(row, several))}
      </tbody>
    </table>
    ${rows.length === 0 ? html`<p class="note">All settings are the same.</p>` : nothing}
  </div>`;
}

function runHeading(run: RunSummary, index: number, all: number): TemplateResult {
  return html`<th scope="col">${swatch(lineStyle('validation', index, all))} <bdi>${run.name}</bdi></th>`;
}

function resultRows(runs: readonly RunSummary[]): TemplateResult[] {
  const row = (name: string, of: (run: RunSummary) => string) =>
    html`<tr>
      <th scope="row">${name}</th>
      ${runs.map((run) => html`<td>${of(run)}</td>`)}
    </tr>`;
  return [
    row('State', ({ state }) => `${STATE_SIGNS[state]} ${state}`),
    row('Step', ({ step, totalSteps }) => `${count(step)} of ${count(totalSteps)}`),
    ...METRICS.slice(0, -1).map(({ name, of }) =>
      row(`${name} (best)`, ({ best }) => (best === null ? '–' : of(best))),
    ),
    row('Training accuracy', ({ accuracy }) => percent(accuracy)),
  ];
}

function settingRow({ name, values, differs }: SettingRow, several: boolean): TemplateResult {
  const marked = several && differs;
  return html`<tr class=${marked ? 'differs' : ''}>
    <th scope="row">
      ${marked ? html`<span aria-hidden="true">≠ </span>` : nothing}<code>${name}</code>${
        marked ? html`<span class="heard"> (differs)</span>` : nothing
      }
    </th>
    ${values.map((value) => html`<td>${settingWords(value)}</td>`)}
  </tr>`;
}
