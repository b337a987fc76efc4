// Filter conditions in words, and what people type as a condition.
import {
  type COLUMN_TESTS,
  type RowCondition,
  type SortKey,
  type StepLabel,
} from '../../../../protocol/src/datasets.ts';
import { count } from '../../ui/format.ts';

type ColumnTest = (typeof COLUMN_TESTS)[number];

export const TEST_WORDS: Readonly<Record<ColumnTest, string>> = {
  equals: 'is',
  'not-equals': 'is not',
  less: 'is less than',
  greater: 'is greater than',
  contains: 'contains',
  'is-null': 'is null or missing',
  'not-null': 'has a value',
};

/** What a chip says. */
export function conditionWords(condition: RowCondition): string {
  switch (condition.kind) {
    case 'has-error':
      return condition.value ? 'Has a wrong step' : 'Has no wrong step';
    case 'faulty':
      return 'Faulty row';
    case 'text':
      return `Contains “${condition.text}”`;
    case 'steps':
      return `Steps ${rangeWords(condition)}`;
    case 'first-error':
      return `First wrong step ${rangeWords(condition)}`;
    case 'label':
      return `Has a step labelled ${condition.label}`;
    case 'column': {
      const { column, test, value } = condition;
      return takesValue(test) ? `${column} ${TEST_WORDS[test]} “${value}”` : `${column} ${TEST_WORDS[test]}`;
    }
  }
}

export function sortWords(key: SortKey): string {
  switch (key.by) {
    case 'steps':
      return 'number of steps';
    case 'first-error':
      return 'first wrong step';
    case 'errors':
      return 'number of wrong steps';
    case 'column':
      return key.column;
  }
}

function rangeWords({ from, to }: { from: number | null; to: number | null }): string {
  if (from === to && from !== null) return count(from);
  if (to === null) return `from ${count(from ?? 0)}`;
  return from === null ? `up to ${count(to)}` : `${count(from)} to ${count(to)}`;
}

export function takesValue(test: ColumnTest): boolean {
  return test !== 'is-null' && test !== 'not-null';
}

/** The filter that is being typed; texts as they stand in the fields. */
export interface FilterDraft {
  kind: RowCondition['kind'];
  /** Which chip it replaces; undefined: a new one. */
  replaces: number | undefined;
  text: string;
  from: string;
  to: string;
  wrong: boolean;
  label: StepLabel;
  column: string;
  test: ColumnTest;
  value: string;
  problem: FieldProblem | undefined;
}

export type DraftField = 'text' | 'from' | 'to' | 'column';

export interface FieldProblem {
  field: DraftField;
  message: string;
}

export function emptyDraft(kind: RowCondition['kind']): FilterDraft {
  return {
    kind,
    replaces: undefined,
    text: '',
    from: '',
    to: '',
    wrong: true,
    label: 'incorrect',
    column: '',
    test: 'equals',
    value: '',
    problem: undefined,
  };
}

/** The fields that a condition came from, to change it. */
export function draftOf(condition: RowCondition, replaces: number): FilterDraft {
  const draft: FilterDraft = { ...emptyDraft(condition.kind), replaces };
  switch (condition.kind) {
    case 'has-error':
      return { ...draft, wrong: condition.value };
    case 'faulty':
      return draft;
    case 'text':
      return { ...draft, text: condition.text };
    case 'steps':
    case 'first-error':
      return { ...draft, from: String(condition.from ?? ''), to: String(condition.to ?? '') };
    case 'label':
      return { ...draft, label: condition.label };
    case 'column': {
      const { column, test, value } = condition;
      return { ...draft, column, test, value };
    }
  }
}

/**
 * @param hasColumn whether the file has, or may have, a column of this name
 * @returns the condition that the fields say, or what is wrong with which field
 */
export function readDraft(
  draft: FilterDraft,
  hasColumn: (name: string) => boolean,
): RowCondition | FieldProblem {
  switch (draft.kind) {
    case 'has-error':
      return { kind: 'has-error', value: draft.wrong };
    case 'faulty':
      return { kind: 'faulty' };
    case 'text':
      if (draft.text === '') return { field: 'text', message: 'Enter the text to look for.' };
      return { kind: 'text', text: draft.text };
    case 'steps':
      return readRange(draft, 'steps', 0);
    case 'first-error':
      return readRange(draft, 'first-error', 1);
    case 'label':
      return { kind: 'label', label: draft.label };
    case 'column': {
      const { column, test, value } = draft;
      if (column === '') return { field: 'column', message: 'Enter a column of this file.' };
      if (!hasColumn(column)) {
        return { field: 'column', message: `This file has no column “${column}”.` };
      }
      return { kind: 'column', column, test, value: takesValue(test) ? value : '' };
    }
  }
}

function readRange(
  draft: FilterDraft,
  kind: 'steps' | 'first-error',
  least: number,
): RowCondition | FieldProblem {
  const from = wholeNumber(draft.from);
  const to = wholeNumber(draft.to);
  const message = `Enter a whole number from ${least}, or leave it empty.`;
  if (from === undefined || (from !== null && from < least)) return { field: 'from', message };
  if (to === undefined || (to !== null && to < least)) return { field: 'to', message };
  if (from === null && to === null) return { field: 'from', message: 'Enter at least one end.' };
  if (from !== null && to !== null && from > to) {
    return { field: 'to', message: `Enter ${count(from)} or more: the range ends before it begins.` };
  }
  return { kind, from, to };
}

/** null: left empty; undefined: not a whole number. */
function wholeNumber(text: string): number | null | undefined {
  const trimmed = text.trim().replaceAll(',', '');
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return /^\d+$/.test(trimmed) && Number.isSafeInteger(value) ? value : undefined;
}
