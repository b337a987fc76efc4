// One step of the trace view: its number, label, scores, text, and what its equations say.
import { html, nothing, type TemplateResult } from 'lit';
import type { RowScores, StepLabel, TraceStepView } from '../../../../protocol/src/datasets.ts';
import { count } from '../../ui/format.ts';
import { LABEL_SIGNS } from '../../ui/labels.ts';
import { FORMULA_AREA } from './formula.ts';
import { marksOfStep } from './marks.ts';
import { richText, spoken } from './richText.ts';
import { disagrees, judged } from './scores.ts';

/** The element's id, to scroll to. */
export function stepId(number: number): string {
  return `trace-step-${number}`;
}

export function stepView(
  step: TraceStepView,
  firstError: number | null,
  scores: RowScores | undefined,
): TemplateResult {
  const first = step.number === firstError;
  return html`<li
    id=${stepId(step.number)}
    class=${`step ${FORMULA_AREA} ${step.label}${first ? ' first-error' : ''}`}
    tabindex="-1"
    aria-label=${`Step ${step.number}, ${step.label}`}
  >
    ${first ? html`<h4 class="first-error-title">First wrong step</h4>` : nothing}
    <div class="step-head">
      <span class="step-number">Step ${count(step.number)}</span>
      ${labelChip(step.label)}
      ${step.soft === undefined ? nothing : meter(step.soft, 'soft label', `Soft label of step ${step.number}`)}
      ${scores === undefined ? nothing : scoreOf(step, scores)}
    </div>
    ${step.text.trim() === '' ? html`<p class="step-text nothing-there">(empty step)</p>` : stepText(step)}
  </li>`;
}

/** Sign, word and colour of a label. */
function labelChip(label: StepLabel): TemplateResult {
  return html`<span class=${`label ${label}`}
    ><span aria-hidden="true">${LABEL_SIGNS[label]}</span> ${label}</span
  >`;
}

function stepText(step: TraceStepView): TemplateResult {
  const marks = marksOfStep(step.text, step.equations);
  const doubtful = marks.filter(({ kind }) => kind === 'fails' || kind === 'unsure');
  return html`<div class="step-text" dir="auto">${richText(step.text, marks)}</div>
    ${step.cut === true ? html`<p class="note">Cut here. “Copy as JSON” has the whole text.</p>` : nothing}
    ${
      doubtful.length === 0
        ? nothing
        : html`<ul class="equations" aria-hidden="true">
            ${doubtful.map(
              (mark) =>
                html`<li class=${mark.kind}>
                  <code>${step.text.slice(mark.start, mark.end)}</code> ${spoken(mark)}
                </li>`,
            )}
          </ul>`
    }`;
}

/** A value from 0 to 1 as a bar with its number; `at` draws a tick. */
function meter(value: number, caption: string, name: string, at?: number): TemplateResult {
  const share = Math.min(1, Math.max(0, value));
  const number = value.toFixed(2);
  return html`<span class="measure"
    ><span class="caption" aria-hidden="true">${caption}</span>
    <span
      class="meter"
      role="meter"
      aria-label=${name}
      aria-valuemin="0"
      aria-valuemax="1"
      aria-valuenow=${share}
      aria-valuetext=${number}
      ><span class="filled" style=${`inline-size: ${share * 100}%`}></span>${
        at === undefined
          ? nothing
          : html`<span class="tick" style=${`inset-inline-start: ${at * 100}%`}></span>`
      }</span
    >
    <span class="number" aria-hidden="true">${number}</span></span
  >`;
}

function scoreOf(step: TraceStepView, scores: RowScores): TemplateResult {
  const score = scores.scores[step.number - 1];
  if (score === undefined || score === null) {
    return html`<span class="measure">not scored${score === null ? ': the step is empty' : ''}</span>`;
  }
  const verdict = judged(score, scores.threshold);
  return html`${meter(score, 'model', `Score of step ${step.number}`, scores.threshold)}
    <span class="verdict">model: ${verdict}</span>
    ${
      disagrees(step.label, score, scores.threshold)
        ? html`<strong class="disagreement"
            ><span aria-hidden="true">≠</span> disagrees with the label</strong
          >`
        : nothing
    }`;
}
