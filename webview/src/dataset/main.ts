// The dataset editor's page: connects the page's state, its drawing and the extension.
import { render } from 'lit';
import type { FromDatasetPage, ToDatasetPage } from '../../../protocol/src/datasets.ts';
import { connectHost } from '../ui/host.ts';
import { registerToolkit } from '../ui/toolkit.ts';
import './dataset.css';
import { DatasetPage } from './page.ts';
import { keepSoon, type Kept } from './state.ts';
import { DataTable } from './table/dataTable.ts';
import { pageView } from './view.ts';

registerToolkit();
customElements.define('prm-data-table', DataTable);

const host = connectHost<ToDatasetPage, FromDatasetPage, Kept>((message) => {
  page.receive(message);
});
const keep = keepSoon(() => {
  host.keep(page.kept);
});
const page: DatasetPage = new DatasetPage({
  post: (message) => {
    host.post(message);
  },
  keep,
  kept: host.state,
  changed: draw,
  table: () => document.querySelector<DataTable>('prm-data-table') ?? undefined,
  focus: () => undefined,
});

function draw(): void {
  render(pageView(page), document.body);
}

draw();
host.post({ type: 'ready' });
