// The evaluations of the run that is shown, beside the majority baseline, and its checkpoints.
import { html, nothing, type TemplateResult } from 'lit';
import type { RunSummary } from '../../../../protocol/src/dashboard.ts';
import type { EvaluationMetrics } from '../../../../protocol/src/runs.ts';
import { count, figure, percent } from '../../ui/format.ts';

export const METRICS: readonly { name: string; of: (metrics: EvaluationMetrics) => string }[] = [
  { name: 'Accuracy', of: ({ accuracy }) => percent(accuracy) },
  { name: 'Majority baseline', of: ({ majorityAccuracy }) => percent(majorityAccuracy) },
  { name: 'Balanced accuracy', of: ({ balancedAccuracy }) => percent(balancedAccuracy) },
  { name: 'F1 of the incorrect class', of: ({ f1Incorrect }) => percent(f1Incorrect) },
  { name: 'AUROC', of: ({ auroc }) => figure(auroc, 3) },
  { name: 'Loss', of: ({ loss }) => figure(loss, 4) },
  { name: 'Labelled steps', of: ({ steps }) => count(steps) },
];

export function results(run: RunSummary): TemplateResult {
  return html`<div class="results">
    <section aria-labelledby="validation-title">
      <h3 id="validation-title">Validation</h3>
      ${run.newest === null ? html`<p class="note">No evaluation yet.</p>` : metricsTable(run, run.newest)}
    </section>
    <section aria-labelledby="checkpoints-title">
      <h3 id="checkpoints-title">Checkpoints</h3>
      ${
        run.checkpoints.length === 0
          ? html`<p class="note">None yet.</p>`
          : html`<ul class="checkpoints">
              ${run.checkpoints.map(
                ({ name, best, step }) =>
                  html`<li>
                    <code>${name}</code> <span class="note">step ${count(step)}</span>${
                      best ? html` <strong><span aria-hidden="true">★</span> best</strong>` : nothing
                    }
                  </li>`,
              )}
            </ul>`
      }
    </section>
  </div>`;
}

function metricsTable({ best, bestStep, newestStep }: RunSummary, newest: EvaluationMetrics): TemplateResult {
  return html`<table>
    <thead>
      <tr>
        <td></td>
        ${best === null ? nothing : html`<th scope="col">Best${stepWords(bestStep)}</th>`}
        <th scope="col">Newest${stepWords(newestStep)}</th>
      </tr>
    </thead>
    <tbody>
      ${METRICS.map(
        ({ name, of }) =>
          html`<tr>
            <th scope="row">${name}</th>
            ${best === null ? nothing : html`<td>${of(best)}</td>`}
            <td>${of(newest)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function stepWords(step: number | null | undefined): string {
  return step == null ? '' : `, step ${count(step)}`;
}
