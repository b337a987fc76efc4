// What the last evaluation of the run that is shown found, beyond its metrics.
import { html, type TemplateResult } from 'lit';
import type { RunSummary } from '../../../../protocol/src/dashboard.ts';
import { count } from '../../ui/format.ts';
import { figureView } from '../charts/figureView.ts';
import type { DashboardPage } from '../page.ts';
import { worstSteps } from './worst.ts';

export function reportView(page: DashboardPage, run: RunSummary): TemplateResult {
  const { report } = page;
  return html`<section aria-labelledby="report-title">
    <h3 id="report-title">
      Last
      evaluation${report == null ? '' : `, step ${count(report.step)}`}${
        page.selected.length > 1 ? html` of <bdi>${run.name}</bdi>` : ''
      }
    </h3>
    ${
      report == null
        ? html`<p class="note">${missingWords(page, run)}</p>`
        : html`<div class="charts">
              ${page.reportFigures.map((figure) => figureView(page, figure, run.name))}
            </div>
            ${worstSteps(page, report.worst)}`
    }
  </section>`;
}

function missingWords({ report }: DashboardPage, { newest }: RunSummary): string {
  if (newest === null) return 'No evaluation yet.';
  if (report === undefined) return 'Reading the evaluation…';
  return 'The evaluations of this run have no report: an earlier version wrote them.';
}
