// The keys of the whole page; table and trace have their own beside these.
import type { DatasetPage } from './page.ts';

/**
 * Ctrl+G a row's number, Ctrl+F a filter, Alt with up and down (N and P from the table) the row of the trace. For the
 * document: VS Code hears at the window which keys it has to act on, and takes Ctrl+F away there; what is done here does
 * not get so far.
 */
export function pageKeys(page: DatasetPage): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented || page.info === undefined) return;
    const act = actionOf(event, page);
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

function actionOf(event: KeyboardEvent, page: DatasetPage): (() => void) | undefined {
  const control = event.ctrlKey || event.metaKey;
  const reading = page.reading.state.row !== undefined && page.kept.part === 'table';
  switch (`${control ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${event.key.toLowerCase()}`) {
    case 'Ctrl+g':
      return () => {
        page.askForRow();
      };
    case 'Ctrl+f':
      return () => {
        page.openFilter();
      };
    case 'Alt+arrowdown':
      return reading
        ? () => {
            page.step(1);
          }
        : undefined;
    case 'Alt+arrowup':
      return reading
        ? () => {
            page.step(-1);
          }
        : undefined;
    case 'n':
      return reading && inTable(event)
        ? () => {
            page.step(1);
          }
        : undefined;
    case 'p':
      return reading && inTable(event)
        ? () => {
            page.step(-1);
          }
        : undefined;
    default:
      return undefined;
  }
}

/** Elsewhere letters are typed, or the trace view takes them itself. */
function inTable({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest('prm-data-table') !== null;
}
