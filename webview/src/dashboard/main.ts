// The training dashboard's page: connects the page's state, its drawing and the extension.
import { render } from 'lit';
import type { FromDashboard, ToDashboard } from '../../../protocol/src/dashboard.ts';
import { onceAFrame } from '../ui/frame.ts';
import { connectHost } from '../ui/host.ts';
import { Plot } from '../ui/plot/element.ts';
import { registerToolkit } from '../ui/toolkit.ts';
import './dashboard.css';
import './runs/runs.css';
import './report/report.css';
import { DashboardPage } from './page.ts';
import type { Kept } from './state.ts';
import { dashboardView } from './view.ts';

/** Points of a chart: more than its pixels cannot be seen. Whole hundreds, so that a resize seldom asks anew. */
const LEAST_POINTS = 300;
const MOST_POINTS = 2000;

registerToolkit();
customElements.define('prm-plot', Plot);

const draw = onceAFrame(() => {
  render(dashboardView(page), document.body);
});
const host = connectHost<ToDashboard, FromDashboard, Kept>((message) => {
  page.receive(message);
});
const page: DashboardPage = new DashboardPage({
  post: (message) => {
    host.post(message);
  },
  keep: (kept) => {
    host.keep(kept);
  },
  kept: host.state,
  changed: draw,
  points: () => {
    const pixels = document.body.clientWidth * window.devicePixelRatio;
    return Math.min(MOST_POINTS, Math.max(LEAST_POINTS, Math.ceil(pixels / 200) * 100));
  },
});

let resized: ReturnType<typeof setTimeout> | undefined;
window.addEventListener('resize', () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    page.watch();
  }, 300);
});
draw();
host.post({ type: 'ready' });
