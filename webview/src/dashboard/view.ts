// The dashboard as templates: the list of runs, and the selected one with its figures and charts.
import { html, nothing, type TemplateResult } from 'lit';
import type { FromDashboard, RunChart, RunState, RunSummary } from '../../../protocol/src/dashboard.ts';
import { duration, figure, percent } from '../ui/format.ts';
import { accuracyChart, lossChart } from './charts.ts';

export interface DashboardState {
  runs: RunSummary[] | undefined;
  selected: string | undefined;
  chart: RunChart | undefined;
  problem: string | undefined;
}

const STATE_WORDS: Record<RunState, string> = {
  running: 'running',
  stalled: 'stalled: nothing written for a while',
  stopped: 'stopped, can be resumed',
  failed: 'failed',
  done: 'done',
};

export function dashboardView(state: DashboardState, post: (message: FromDashboard) => void): TemplateResult {
  if (state.runs === undefined) {
    return html`<main>
      <p role="status"><vscode-progress-ring></vscode-progress-ring> Looking for runs…</p>
    </main>`;
  }
  const run = state.runs.find((candidate) => candidate.folder === state.selected);
  return html`<main>
    ${state.problem === undefined ? nothing : html`<p class="problem" role="alert">${state.problem}</p>`}
    <nav aria-label="Training runs">
      <h1>Training runs</h1>
      ${
        state.runs.length === 0
          ? html`<p>No runs in this workspace yet. Start one with the command “PRM: Train Model…”.</p>`
          : html`<ul>
              ${state.runs.map((candidate) => runItem(candidate, candidate === run, post))}
            </ul>`
      }
    </nav>
    ${run === undefined ? nothing : runDetails(run, state.chart, post)}
  </main>`;
}

function runItem(run: RunSummary, selected: boolean, post: (message: FromDashboard) => void): TemplateResult {
  return html`<li>
    <button
      class="run"
      aria-current=${selected ? 'true' : 'false'}
      @click=${() => {
        post({ type: 'select', folder: run.folder });
      }}
    >
      <span>${run.name}</span>
      <vscode-badge class=${run.state}>${run.state}</vscode-badge>
    </button>
  </li>`;
}

function runDetails(
  run: RunSummary,
  chart: RunChart | undefined,
  post: (message: FromDashboard) => void,
): TemplateResult {
  const button = (label: string, message: FromDashboard) =>
    html`<vscode-button
      appearance="secondary"
      @click=${() => {
        post(message);
      }}
      >${label}</vscode-button
    >`;
  const alive = run.state === 'running' || run.state === 'stalled';
  return html`<section aria-label=${`Run ${run.name}`}>
    <h2>${run.name}</h2>
    <p role="status">${STATE_WORDS[run.state]}${run.message === null ? nothing : html`: ${run.message}`}</p>
    <label>
      Step ${run.step} of ${run.totalSteps}
      <progress max=${Math.max(1, run.totalSteps)} .value=${run.step}></progress>
    </label>
    <div class="buttons">
      ${alive ? button('Stop with a checkpoint', { type: 'stop', folder: run.folder }) : nothing}
      ${run.best === null ? nothing : button('Use this model', { type: 'use', folder: run.folder })}
      ${button('Open folder', { type: 'reveal', folder: run.folder })}
    </div>
    ${figures(run)}
    ${
      chart === undefined
        ? nothing
        : html`<prm-line-chart .data=${lossChart(chart)}></prm-line-chart>
            <prm-line-chart .data=${accuracyChart(chart)}></prm-line-chart>`
    }
  </section>`;
}

function figures(run: RunSummary): TemplateResult {
  const rows: [string, string][] = [
    ['Device', run.device],
    ['Loss', figure(run.loss, 4)],
    ['Steps a second', figure(run.stepsPerSecond, 2)],
    ['Tokens a second', figure(run.tokensPerSecond, 0)],
    ['Time left', run.state === 'running' ? duration(run.secondsLeft) : 'n/a'],
  ];
  const metrics = run.best;
  if (metrics !== null) {
    rows.push(
      [`Best validation accuracy (step ${run.bestStep ?? 0})`, percent(metrics.accuracy)],
      ['Majority-class baseline', percent(metrics.majorityAccuracy)],
      ['Balanced accuracy', percent(metrics.balancedAccuracy)],
      ['F1 of the incorrect class', percent(metrics.f1Incorrect)],
      ['AUROC', figure(metrics.auroc, 3)],
    );
  }
  return html`<table>
    <tbody>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
