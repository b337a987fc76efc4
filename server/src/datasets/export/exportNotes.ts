// What a file format could not keep, counted while rows are written and told as one sentence each at the end.

const count = (value: number, one: string, more = `${one}s`): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : more}`;

/** Names in a sentence before "…". */
const NAMED = 5;

export class ExportNotes {
  /** Fields that a row lacks, in a format that cannot tell them from null. */
  missing = 0;
  /** NaN and infinities. */
  noNumbers = 0;
  /** Integers that other readers of JSON would round. */
  longIntegers = 0;
  binary = 0;
  times = 0;
  /** Lists and objects in text cells. */
  nested = 0;
  /** Text that a spreadsheet may take for a formula. */
  formulas = 0;
  /** Texts without text, in a format that cannot tell them from null. */
  empty = 0;
  private rowsWithOthers = 0;
  private readonly others = new Set<string>();
  private readonly asJson = new Set<string>();

  /** A row has fields that are no columns. */
  otherFields(names: readonly string[]): void {
    this.rowsWithOthers++;
    for (const name of names) if (this.others.size <= NAMED) this.others.add(name);
  }

  columnAsJson(name: string): void {
    this.asJson.add(name);
  }

  sentences(): string[] {
    const notes: string[] = [];
    const add = (value: number, sentence: (value: number) => string): void => {
      if (value > 0) notes.push(sentence(value));
    };
    add(this.rowsWithOthers, (rows) => {
      const which = listed([...this.others]);
      return `${count(rows, 'row has', 'rows have')} fields that are no columns of the table (${which}): left out.`;
    });
    add(this.asJson.size, () => {
      const columns = [...this.asJson];
      return `${columns.length === 1 ? 'Column' : 'Columns'} ${listed(columns)}: objects or values of several kinds, written as JSON.`;
    });
    add(
      this.nested,
      (cells) => `${count(cells, 'list or object', 'lists and objects')}: written as JSON text.`,
    );
    add(
      this.missing,
      (cells) => `${count(cells, 'missing field')}: written as null, which this format cannot tell apart.`,
    );
    add(
      this.empty,
      (cells) => `${count(cells, 'null value')}: written as empty text, since a blank line would be no row.`,
    );
    add(this.times, (cells) => `${count(cells, 'time')}: written as text (ISO 8601).`);
    add(this.binary, (cells) => `${count(cells, 'binary value')}: written as text (Base64).`);
    add(
      this.longIntegers,
      (cells) => `${count(cells, 'integer')} beyond 2^53: written as text, since JSON readers round them.`,
    );
    add(
      this.noNumbers,
      (cells) => `${count(cells, 'number')} that JSON has no word for (NaN, infinity): written as null.`,
    );
    add(
      this.formulas,
      (cells) =>
        `${count(cells, 'cell')} starting with =, +, - or @: kept as they are; a spreadsheet may run them as formulas.`,
    );
    return notes;
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown}, …` : shown;
}
