// The training dashboard's page: keeps the state, draws it, and talks to the extension.
import { render } from 'lit';
import 'uplot/dist/uPlot.min.css';
import type { FromDashboard, ToDashboard } from '../../../protocol/src/dashboard.ts';
import { connectHost } from '../ui/host.ts';
import { LineChart } from '../ui/lineChart.ts';
import { registerToolkit } from '../ui/toolkit.ts';
import './dashboard.css';
import { dashboardView, type DashboardState } from './view.ts';

registerToolkit();
customElements.define('prm-line-chart', LineChart);

const host = connectHost<ToDashboard, FromDashboard, { selected?: string }>(receive);
const state: DashboardState = {
  runs: undefined,
  selected: host.state?.selected,
  chart: undefined,
  problem: undefined,
};

function send(message: FromDashboard): void {
  if (message.type === 'select') select(message.folder);
  else host.post(message);
}

function select(folder: string): void {
  if (state.selected !== folder) state.chart = undefined;
  state.selected = folder;
  host.keep({ selected: folder });
  host.post({ type: 'select', folder });
  draw();
}

function receive(message: ToDashboard): void {
  switch (message.type) {
    case 'runs': {
      state.runs = message.runs;
      state.problem = undefined;
      const known = message.runs.some((run) => run.folder === state.selected);
      const first = message.runs[0];
      if (!known && first !== undefined) select(first.folder);
      break;
    }
    case 'chart':
      if (message.folder === state.selected) state.chart = message.chart;
      break;
    case 'problem':
      state.problem = message.message;
      break;
  }
  draw();
}

function draw(): void {
  render(dashboardView(state, send), document.body);
}

draw();
host.post({ type: 'ready' });
if (state.selected !== undefined) host.post({ type: 'select', folder: state.selected });
