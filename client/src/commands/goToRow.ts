// `PRM: Go to Row…`: shows a row of the dataset editor by its number.
import { DATASET_ROWS } from '../../../protocol/src/datasets.ts';
import type { DatasetDocument } from '../datasetDocument.ts';
import type { DatasetPanel } from '../datasetPanel.ts';
import type { Command, Workbench } from './command.ts';
import { askText } from './dialogs.ts';

/**
 * `executeCommand('prm.goToRow', { row })`: `row` is the number that the table shows, the first is 1. Rejects where no
 * dataset editor is active.
 */
export const goToRow: Command<'prm.goToRow'> = {
  id: 'prm.goToRow',

  async ask(workbench) {
    const { rows } = knownOf(activePanel(workbench).document);
    const last = rows.toLocaleString('en');
    const text = await askText('PRM: Go to Row', `Row number, 1 to ${last}`, '', (typed) =>
      /^[1-9]\d*$/.test(typed) ? undefined : `A whole number from 1 to ${last} is needed.`,
    );
    return text === undefined ? undefined : { row: Number(text) };
  },

  async run({ row }, workbench) {
    const { document, post } = activePanel(workbench);
    post({ type: 'goto', position: await positionOf(document, row) });
    return undefined;
  },
};

function activePanel({ datasets }: Workbench): Pick<DatasetPanel, 'document' | 'post'> {
  const panel = datasets.active;
  if (panel === undefined) throw new Error('No dataset editor is active. Open a dataset and try again.');
  return { document: panel.document, post: (message) => panel.post(message) };
}

function knownOf(document: DatasetDocument): { rows: number } {
  if (document.info === undefined) throw new Error('This dataset is not open. Reload it.');
  return document.info.known;
}

/** Rows of a text file are numbered by line, and empty lines are no rows: the row's place is at most its number. */
async function positionOf(document: DatasetDocument, number: number): Promise<number> {
  const numberAt = async (position: number): Promise<number> => {
    const { rows } = await document.ask(DATASET_ROWS, { start: position, count: 1 });
    return rows[0]?.number ?? Infinity;
  };
  let last = Math.max(0, Math.min(number, knownOf(document).rows) - 1);
  if ((await numberAt(last)) <= number) return last;
  let first = 0;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if ((await numberAt(middle)) < number) first = middle + 1;
    else last = middle;
  }
  return first;
}
