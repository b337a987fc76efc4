// The dataset editor's page: connects the page's state, its drawing and the extension.
import { render } from 'lit';
import type { FromDatasetPage, ToDatasetPage } from '../../../protocol/src/datasetPage.ts';
import { connectHost } from '../ui/host.ts';
import { registerToolkit } from '../ui/toolkit.ts';
import './controls.css';
import './dataset.css';
import './filter/filter.css';
import { Focus } from './focus.ts';
import { pageKeys } from './pageKeys.ts';
import { DatasetPage } from './page.ts';
import { keepSoon, type Kept } from './state.ts';
import './table/table.css';
import { DataTable } from './table/dataTable.ts';
import { pageView } from './view.ts';

registerToolkit();
customElements.define('prm-data-table', DataTable);

const host = connectHost<ToDatasetPage, FromDatasetPage, Kept>((message) => {
  page.receive(message);
});
const table = () => document.querySelector<DataTable>('prm-data-table');
const focus = new Focus(table);
const page: DatasetPage = new DatasetPage({
  post: (message) => {
    host.post(message);
  },
  keep: keepSoon(() => {
    host.keep(page.kept);
  }),
  kept: host.state,
  changed: draw,
  showRow: (place, options) => table()?.show(place, options),
  focus: (part) => {
    focus.want(part);
  },
});

function draw(): void {
  render(pageView(page), document.body);
  focus.drawn();
}

document.addEventListener('keydown', pageKeys(page));
// A hidden page is thrown away: what it would have kept soon is kept now, and its view would stay at the server.
window.addEventListener('pagehide', () => {
  host.keep(page.kept);
  page.leave();
});
draw();
host.post({ type: 'ready' });
