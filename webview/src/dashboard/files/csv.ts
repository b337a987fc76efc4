// Rows as CSV text (RFC 4180).

export type Cell = string | number | null;

/** Text that a spreadsheet would run as a formula; names of runs come from outside. */
const FORMULA = /^[=+\-@\t\r]/;

/** @param rows the heading first; null becomes an empty cell */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** UTF-8 bytes of a text as base64, for the file that the extension writes. */
export function base64OfText(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
