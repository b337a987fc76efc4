// What the table, the trace view and the summary view wish for, done by the page.
import type { DatasetPage } from './page.ts';
import type { SummaryWish } from './summary/model.ts';
import type { TableWish } from './table/dataTable.ts';
import type { TraceWish } from './trace/model.ts';
import { showStep } from './trace/view.ts';

export function tableWish(page: DatasetPage): (wish: TableWish) => void {
  return (wish) => {
    switch (wish.type) {
      case 'open':
        void page.openPlace(wish.place, { focus: true });
        break;
      case 'pick':
        if (page.reading.state.row !== undefined) void page.openPlace(wish.place, { focus: false });
        break;
      case 'sort':
        page.sort(wish.key);
        break;
      case 'width':
        page.setWidth(wish.key, wish.width);
        break;
      case 'moved':
        page.moved(wish.first, wish.active);
        break;
      case 'leave':
        if (page.reading.state.row !== undefined) page.closeTrace();
        break;
    }
  };
}

export function traceWish(page: DatasetPage): (wish: TraceWish) => void {
  return (wish) => {
    const { row } = page.reading.state;
    if (row === undefined) return;
    const which = { position: row.position, trace: row.path };
    switch (wish.type) {
      case 'previous':
        page.step(-1);
        break;
      case 'next':
        page.step(1);
        break;
      case 'close':
        page.closeTrace();
        break;
      case 'path':
        page.reading.path(wish.index);
        break;
      case 'more-steps':
        void moreSteps(page, wish);
        break;
      case 'json':
        page.reading.toggleJson();
        break;
      case 'copy-json':
        page.do({ kind: 'copy', ...which, format: 'json' });
        break;
      case 'copy-text':
        page.do({ kind: 'copy', ...which, format: 'text' });
        break;
      case 'open-steps':
        page.do({ kind: 'open-steps', ...which });
        break;
      case 'score':
        page.reading.score();
        break;
      case 'format':
        page.do({ kind: 'format' });
        break;
    }
  };
}

async function moreSteps(
  { reading }: DatasetPage,
  { firstStep, show }: Extract<TraceWish, { type: 'more-steps' }>,
): Promise<void> {
  await reading.moreSteps(firstStep);
  if (show !== undefined) showStep(show);
}

export function summaryWish(page: DatasetPage): (wish: SummaryWish) => void {
  return (wish) => {
    switch (wish.type) {
      case 'run':
        page.summarising.run();
        break;
      case 'stop':
        page.summarising.stop();
        break;
      case 'filter':
        page.query({ conditions: [wish.condition] });
        break;
      case 'goto':
        page.goTo(wish.row);
        break;
    }
  };
}
