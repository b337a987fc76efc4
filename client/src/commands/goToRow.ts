// `PRM: Go to Row…`: shows a row of the dataset editor by its number.
import type { DatasetInfo } from '../../../protocol/src/datasets.ts';
import type { DatasetPanel } from '../datasetPanel.ts';
import type { Command, Workbench } from './command.ts';
import { positiveInteger } from './checks.ts';
import { askText } from './dialogs.ts';

/**
 * `executeCommand('prm.goToRow', { row })`: `row` is the number that the table shows, the first is 1; the editor says
 * where there is no such row. Rejects where no dataset editor is active, or its file is not open.
 */
export const goToRow: Command<'prm.goToRow'> = {
  id: 'prm.goToRow',

  async ask(workbench) {
    const { known } = activePanel(workbench).info;
    const rows = `${known.rows.toLocaleString('en')} rows${known.complete ? '' : ' so far'}`;
    const text = await askText('PRM: Go to Row', `Row number; the file has ${rows}`, '', positiveInteger);
    return text === undefined ? undefined : { row: Number(text) };
  },

  run({ row }, workbench) {
    activePanel(workbench).panel.post({ type: 'goto', row });
    return Promise.resolve(undefined);
  },
};

function activePanel({ datasets }: Workbench): { panel: DatasetPanel; info: DatasetInfo } {
  const panel = datasets.active;
  if (panel === undefined) throw new Error('No dataset editor is active. Open a dataset and try again.');
  const { info } = panel.document;
  if (info === undefined) throw new Error('This dataset is not open. Reload it.');
  return { panel, info };
}
