// What was done to a corrupted solution: the step before and after, with what differs marked.
import { html, nothing, type TemplateResult } from 'lit';
import type { ChangeView } from '../../../../protocol/src/datasets.ts';
import { count } from '../../ui/format.ts';

/** @param go scrolls to a step, 1-based */
export function changeView(change: ChangeView, go: (step: number) => void): TemplateResult {
  const { strategy, step, consistent, before, after } = change;
  const [old, fresh] = markedTexts(before, after);
  return html`<div class="change" role="group" aria-label="What was changed">
    <p>
      Error made by <code>${strategy}</code>:
      ${before === undefined ? 'a step was added as' : after === undefined ? 'a step was dropped before' : 'changed is'}
      <button class="link" @click=${() => go(step)}>step ${count(step)}</button>${
        consistent ? ', carried through the later steps' : ''
      }
    </p>
    <dl>
      ${
        old === undefined
          ? nothing
          : html`<dt>Before</dt>
              <dd dir="auto">${old}</dd>`
      }
      ${
        fresh === undefined
          ? nothing
          : html`<dt>After</dt>
              <dd dir="auto">${fresh}</dd>`
      }
    </dl>
  </div>`;
}

/** Both texts, each with the part marked that the other does not have; whole where there is nothing to compare. */
function markedTexts(
  before: string | undefined,
  after: string | undefined,
): [TemplateResult | undefined, TemplateResult | undefined] {
  if (before === undefined || after === undefined) {
    return [
      before === undefined ? undefined : html`${before}`,
      after === undefined ? undefined : html`${after}`,
    ];
  }
  const { start, endBefore, endAfter } = differingPart(before, after);
  return [
    html`${before.slice(0, start)}<del>${before.slice(start, endBefore)}</del>${before.slice(endBefore)}`,
    html`${after.slice(0, start)}<ins>${after.slice(start, endAfter)}</ins>${after.slice(endAfter)}`,
  ];
}

/** Numbers, words and characters of two UTF-16 units are marked whole: 48 and 43 differ as numbers, not in a digit. */
const INSIDE = /[\p{L}\p{M}\p{N}\p{Surrogate}.,]/u;

/** What is left of two texts without their common beginning and end. */
export function differingPart(
  before: string,
  after: string,
): { start: number; endBefore: number; endAfter: number } {
  if (before === after) return { start: before.length, endBefore: before.length, endAfter: after.length };
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  while (start > 0 && INSIDE.test(before[start - 1] ?? '')) start--;
  while (same > 0 && INSIDE.test(before[before.length - same] ?? '')) same--;
  return { start, endBefore: before.length - same, endAfter: after.length - same };
}
