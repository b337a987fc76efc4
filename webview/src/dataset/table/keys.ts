// Where the grid's keys lead (WAI-ARIA Authoring Practices, grid pattern).

/** A cell of the grid; row -1 is the header. */
export interface GridPlace {
  row: number;
  column: number;
}

export interface GridSize {
  rows: number;
  columns: number;
  /** Rows that a page key moves by. */
  page: number;
}

/** @returns the cell that a key leads to, or undefined where the key is not one of the grid's */
export function movedBy(
  { key, ctrl }: { key: string; ctrl: boolean },
  { row, column }: GridPlace,
  size: GridSize,
): GridPlace | undefined {
  const target = ctrl ? farMove(key, row, column, size) : nearMove(key, row, column, size);
  if (target === undefined) return undefined;
  return {
    row: Math.max(-1, Math.min(target.row, size.rows - 1)),
    column: Math.max(0, Math.min(target.column, size.columns - 1)),
  };
}

function nearMove(key: string, row: number, column: number, size: GridSize): GridPlace | undefined {
  switch (key) {
    case 'ArrowUp':
      return { row: row - 1, column };
    case 'ArrowDown':
      return { row: row + 1, column };
    case 'ArrowLeft':
      return { row, column: column - 1 };
    case 'ArrowRight':
      return { row, column: column + 1 };
    case 'PageUp':
      // The header is reached from the first row only.
      return { row: row <= 0 ? -1 : Math.max(0, row - size.page), column };
    case 'PageDown':
      return { row: row + size.page, column };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: size.columns - 1 };
    default:
      return undefined;
  }
}

function farMove(key: string, row: number, column: number, size: GridSize): GridPlace | undefined {
  switch (key) {
    case 'Home':
      return { row: 0, column: 0 };
    case 'End':
      return { row: size.rows - 1, column: size.columns - 1 };
    case 'ArrowUp':
      return { row: 0, column };
    case 'ArrowDown':
      return { row: size.rows - 1, column };
    case 'ArrowLeft':
      return { row, column: 0 };
    case 'ArrowRight':
      return { row, column: size.columns - 1 };
    default:
      return undefined;
  }
}
