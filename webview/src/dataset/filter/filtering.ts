// The filter that is being written, until it holds or is given up.
import type { RowCondition, RowQuery } from '../../../../protocol/src/datasets.ts';
import { draftOf, emptyDraft, readDraft, type FilterDraft } from './conditions.ts';

export interface FilteringOptions {
  query(): RowQuery;
  hasColumn(name: string): boolean;
  /** Shows the rows of another query. */
  show(query: RowQuery): void;
  changed(): void;
  /** Puts the focus on the form's field (the first where missing), or back on the button that opens it. */
  focus(part: 'filter' | 'filter-button'): void;
}

export class Filtering {
  readonly #options: FilteringOptions;
  draft: FilterDraft | undefined;

  constructor(options: FilteringOptions) {
    this.#options = options;
  }

  /** Opens the form, with a condition that holds or empty. */
  open(index?: number): void {
    const condition = index === undefined ? undefined : this.#options.query().conditions[index];
    this.draft =
      condition === undefined || index === undefined ? emptyDraft('text') : draftOf(condition, index);
    this.#options.focus('filter');
    this.#options.changed();
  }

  change(part: Partial<FilterDraft>): void {
    if (this.draft === undefined) return;
    this.draft = { ...this.draft, ...part, problem: undefined };
    this.#options.changed();
  }

  /** Takes the condition over, or says what is wrong with it. */
  apply(): void {
    const { draft } = this;
    if (draft === undefined) return;
    const condition = readDraft(draft, (name) => this.#options.hasColumn(name));
    if ('message' in condition) {
      this.draft = { ...draft, problem: condition };
      this.#options.changed();
      return;
    }
    const { conditions } = this.#options.query();
    this.draft = undefined;
    this.#setConditions(
      draft.replaces === undefined
        ? [...conditions, condition]
        : conditions.map((old, index) => (index === draft.replaces ? condition : old)),
    );
  }

  cancel(): void {
    this.draft = undefined;
    this.#options.focus('filter-button');
    this.#options.changed();
  }

  remove(index: number): void {
    this.draft = undefined;
    this.#setConditions(this.#options.query().conditions.filter((_, at) => at !== index));
  }

  #setConditions(conditions: RowCondition[]): void {
    this.#options.focus('filter-button');
    this.#options.show({ ...this.#options.query(), conditions });
  }
}
