// The dashboard as a template: the list of runs, and of those that are chosen the figures, charts and last evaluation.
import { html, nothing, type TemplateResult } from 'lit';
import type { RunSummary } from '../../../protocol/src/dashboard.ts';
import { actionButton } from '../ui/action.ts';
import { rove } from '../ui/roving.ts';
import { chartControls } from './charts/controls.ts';
import { figureView, KEYS_HELP } from './charts/figureView.ts';
import { lineStyle } from './charts/styles.ts';
import { swatch } from './charts/swatch.ts';
import { compareView } from './compare/table.ts';
import type { DashboardPage } from './page.ts';
import { reportView } from './report/view.ts';
import { runHead } from './run/head.ts';
import { results } from './run/results.ts';
import { runList } from './runs/list.ts';

export function dashboardView(page: DashboardPage): TemplateResult {
  const { runs, problem, shown } = page;
  return html`<main class="dashboard">
    ${problem === undefined ? nothing : problemView(page, problem)}
    ${
      runs === undefined
        ? html`<p role="status"><vscode-progress-ring></vscode-progress-ring> Looking for runs…</p>`
        : runs.length === 0
          ? noRuns()
          : html`${runList(page, runs)} ${shown === undefined ? nothing : runView(page, shown)}`
    }
    <p class="heard" role="status">${page.announcement}</p>
  </main>`;
}

function problemView(page: DashboardPage, problem: string): TemplateResult {
  return html`<div class="problem" role="alert">
    <p>${problem}</p>
    ${actionButton({
      words: 'Dismiss',
      act: () => {
        page.dismissProblem();
      },
    })}
  </div>`;
}

function noRuns(): TemplateResult {
  return html`<div class="no-runs">
    <h1>Training runs</h1>
    <p>No runs in this workspace yet. Start one with the command “PRM: Train Model…”.</p>
  </div>`;
}

function runView(page: DashboardPage, run: RunSummary): TemplateResult {
  const runs = page.selected;
  const fileName = runs.length === 1 ? run.name : 'runs';
  return html`<div class="run-view">
    ${runs.length > 1 ? whichRun(page, run, runs) : nothing}
    <section aria-labelledby="run-title">${runHead(page, run)} ${results(run)}</section>
    ${compareView(page)}
    <section aria-labelledby="charts-title">
      <h3 id="charts-title">Training</h3>
      ${chartControls(page)}
      <p id=${KEYS_HELP} class="note keys">
        Drag over a chart to zoom, double-click to see all. Keys in a chart: arrows move the crosshair, + and
        − zoom, Shift+arrows move on, 0 shows all.
      </p>
      <div class="charts">${page.trainingFigures.map((figure) => figureView(page, figure, fileName))}</div>
    </section>
    ${reportView(page, run)}
  </div>`;
}

/** The legend of all charts; pressed: the run whose details are shown. */
function whichRun(page: DashboardPage, shown: RunSummary, runs: readonly RunSummary[]): TemplateResult {
  return html`<div class="which" role="toolbar" aria-label="Details of" @keydown=${rove}>
    <span aria-hidden="true">Details of</span>
    ${runs.map(
      (run, index) =>
        html`<button
          class="tool"
          tabindex=${run === shown ? 0 : -1}
          aria-pressed=${run === shown ? 'true' : 'false'}
          @click=${() => {
            page.show(run.folder);
          }}
        >
          ${swatch(lineStyle('validation', index, runs.length))} <bdi>${run.name}</bdi>
        </button>`,
    )}
  </div>`;
}
