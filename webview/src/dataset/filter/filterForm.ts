// The form in which a filter is written: what it looks at, then its fields, then what is wrong with them.
import { html, nothing, type TemplateResult } from 'lit';
import {
  COLUMN_TESTS,
  STEP_LABELS,
  type RowCondition,
  type TableColumn,
} from '../../../../protocol/src/datasets.ts';
import { TEST_WORDS, takesValue, type DraftField, type FilterDraft } from './conditions.ts';

export interface FilterFormModel {
  draft: FilterDraft;
  columns: readonly TableColumn[];
  /** Whether the rows are read as traces; without, only text and columns can be filtered. */
  traces: boolean;
  change: (part: Partial<FilterDraft>) => void;
  apply: () => void;
  cancel: () => void;
}

const KINDS: Readonly<Record<RowCondition['kind'], string>> = {
  text: 'Text in the row',
  'has-error': 'A wrong step',
  steps: 'Number of steps',
  'first-error': 'Place of the first wrong step',
  label: 'A label',
  faulty: 'Faulty rows',
  column: 'A column',
};

/** Suggestions for a column's name; the field takes any name of the file. */
const MOST_SUGGESTIONS = 300;

export function filterForm(model: FilterFormModel): TemplateResult {
  const { draft, traces } = model;
  const kinds = (Object.keys(KINDS) as RowCondition['kind'][]).filter(
    (kind) => traces || kind === 'text' || kind === 'column' || kind === 'faulty',
  );
  return html`<form
    class="filter-form"
    aria-label=${draft.replaces === undefined ? 'New filter' : 'Change filter'}
    novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      model.apply();
    }}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      model.cancel();
    }}
  >
    ${choice(
      'Look at',
      draft.kind,
      kinds,
      (kind) => KINDS[kind],
      (kind) => {
        model.change({ kind });
      },
    )}
    ${fields(model)}
    <button type="submit" class="primary">${draft.replaces === undefined ? 'Add filter' : 'Change'}</button>
    <button type="button" @click=${model.cancel}>Cancel</button>
    ${
      draft.problem === undefined
        ? nothing
        : html`<p class="field-problem" id="filter-problem" role="alert">${draft.problem.message}</p>`
    }
  </form>`;
}

function fields(model: FilterFormModel): TemplateResult | typeof nothing {
  const { draft } = model;
  switch (draft.kind) {
    case 'text':
      return field(model, 'text', 'Contains', { size: 28 });
    case 'has-error':
      return choice(
        'Rows',
        draft.wrong ? 'with' : 'without',
        ['with', 'without'],
        (word) => `${word} a wrong step`,
        (word) => {
          model.change({ wrong: word === 'with' });
        },
      );
    case 'steps':
    case 'first-error':
      return html`${field(model, 'from', 'From', { size: 6, numeric: true })}
      ${field(model, 'to', 'to', { size: 6, numeric: true })}`;
    case 'label':
      return choice('Rows with a step labelled', draft.label, STEP_LABELS, String, (label) => {
        model.change({ label });
      });
    case 'faulty':
      return html`<span class="facts">Broken rows, lists of different length, labels that are none.</span>`;
    case 'column':
      return columnFields(model);
  }
}

function columnFields(model: FilterFormModel): TemplateResult {
  const { draft, columns } = model;
  return html`${field(model, 'column', 'Column', { size: 16, list: 'filter-columns' })}
    <datalist id="filter-columns">
      ${columns.slice(0, MOST_SUGGESTIONS).map(({ name }) => html`<option value=${name}></option>`)}
    </datalist>
    ${choice(
      'Test',
      draft.test,
      COLUMN_TESTS,
      (test) => TEST_WORDS[test],
      (test) => {
        model.change({ test });
      },
    )}
    ${
      takesValue(draft.test)
        ? html`<label
            >Value
            <input
              type="text"
              size="16"
              .value=${draft.value}
              @input=${(event: Event) => {
                model.change({ value: textOf(event) });
              }}
          /></label>`
        : nothing
    }`;
}

function field(
  { draft, change }: FilterFormModel,
  name: DraftField,
  words: string,
  { size, numeric = false, list }: { size: number; numeric?: boolean; list?: string },
): TemplateResult {
  const wrong = draft.problem?.field === name;
  return html`<label
    >${words}
    <input
      type="text"
      name=${name}
      size=${size}
      inputmode=${numeric ? 'numeric' : nothing}
      list=${list ?? nothing}
      autocomplete="off"
      aria-invalid=${wrong ? 'true' : nothing}
      aria-describedby=${wrong ? 'filter-problem' : nothing}
      .value=${draft[name]}
      @input=${(event: Event) => {
        change({ [name]: textOf(event) });
      }}
  /></label>`;
}

function choice<Value extends string>(
  words: string,
  chosen: Value,
  values: readonly Value[],
  name: (value: Value) => string,
  choose: (value: Value) => void,
): TemplateResult {
  return html`<label
    >${words}
    <select
      @change=${(event: Event) => {
        const value = values[(event.target as HTMLSelectElement).selectedIndex];
        if (value !== undefined) choose(value);
      }}
    >
      ${values.map((value) => html`<option value=${value} .selected=${value === chosen}>${name(value)}</option>`)}
    </select></label
  >`;
}

function textOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
