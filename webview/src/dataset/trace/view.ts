// The trace view: one row as a problem and its labelled steps, with what can be done with it.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { STEP_LABELS, type SampledAnswer, type TraceView } from '../../../../protocol/src/datasets.ts';
import { actionButton } from '../../ui/action.ts';
import { count } from '../../ui/format.ts';
import { LABEL_SIGNS } from '../../ui/labels.ts';
import { scrollToStart } from '../../ui/scrollToStart.ts';
import { traceBar } from './bar.ts';
import { changeView } from './change.ts';
import { FORMULA_AREA } from './formula.ts';
import { wishOfKey } from './keys.ts';
import type { TraceModel, TraceWish } from './model.ts';
import { richText } from './richText.ts';
import { scoringView } from './scoring.ts';
import { stepId, stepView } from './step.ts';
import './trace.css';

type Send = (wish: TraceWish) => void;

/** Steps that come with one request. */
const SLICE = 200;

/**
 * One row as a trace. The page draws it again whenever the model changes, and puts the focus on the section (`.trace`)
 * when it opens.
 * @param send called with what the user wants; the page acts on it and draws again
 */
export function traceView(model: TraceModel, send: Send): TemplateResult {
  const { view } = model;
  return html`<section
    class="trace"
    aria-labelledby="trace-title"
    aria-busy=${model.loading === true ? 'true' : 'false'}
    tabindex="-1"
    ${scrollToStart(`${view.position} ${view.trace?.index ?? 0}`)}
    @keydown=${(event: KeyboardEvent) => {
      const wish = wishOfKey(event, model);
      if (wish === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      send(wish);
    }}
  >
    ${traceBar(model, send)} ${view.fault === undefined ? nothing : faultView(view.fault)}
    ${view.trace === undefined ? nothing : traceBody(view.trace, model, send)}
    ${model.showJson || view.trace === undefined ? jsonView(view) : nothing}
  </section>`;
}

function faultView({ reason, detail }: NonNullable<TraceView['fault']>): TemplateResult {
  return html`<p class="fault" role="note">
    <strong>This row cannot be read as a trace:</strong>
    ${reason}${detail === undefined ? nothing : `: ${detail}`}
  </p>`;
}

/** The answer that a model came to, in words and not by colour alone. */
function sampledAnswer({ answer, isRight }: SampledAnswer): TemplateResult {
  const verdict = isRight === null ? 'not compared' : isRight ? '✓ right' : '✗ wrong';
  return html`<p class="reference">
    <span class="caption">This solution answers:</span>
    ${answer === undefined ? 'nothing' : richText(answer)} <strong>${verdict}</strong>
  </p>`;
}

function traceBody(trace: NonNullable<TraceView['trace']>, model: TraceModel, send: Send): TemplateResult {
  const go = (step: number) => {
    goToStep(trace, step, send);
  };
  return html`<div class=${`problem ${FORMULA_AREA}`}>
      <h3>Problem</h3>
      <div class="problem-text" dir="auto">${richText(trace.problem)}</div>
      ${trace.wrapper === undefined ? nothing : html`<p class="note">Chat wrapper taken off: ${trace.wrapper}</p>`}
      ${
        trace.answer === undefined
          ? nothing
          : html`<p class="reference">
              <span class="caption">Reference answer:</span> ${richText(trace.answer)}
            </p>`
      }
      ${trace.sampled === undefined ? nothing : sampledAnswer(trace.sampled)}
    </div>
    <h3>Steps</h3>
    <p class="overview">
      <span>${count(trace.totalSteps)} ${trace.totalSteps === 1 ? 'step' : 'steps'}</span>
      ${STEP_LABELS.filter((label) => trace.labels[label] > 0).map(
        (label) =>
          html`<span
            ><span aria-hidden="true">${LABEL_SIGNS[label]}</span> ${count(trace.labels[label])}
            ${label}</span
          >`,
      )}
      ${
        trace.firstError === null
          ? // Where nobody said anything of any step, there may be one.
            trace.labels.unlabelled === trace.totalSteps
            ? nothing
            : html`<span>no wrong step</span>`
          : html`<button class="link" @click=${() => go(trace.firstError ?? 1)}>
              First wrong step: ${count(trace.firstError)}
            </button>`
      }
    </p>
    ${trace.change === undefined ? nothing : changeView(trace.change, go)} ${scoringView(model, go)}
    ${stepList(trace, model, send)}`;
}

function stepList(trace: NonNullable<TraceView['trace']>, model: TraceModel, send: Send): TemplateResult {
  const behind = trace.firstStep + trace.steps.length;
  const more = (firstStep: number, words: string) =>
    actionButton({
      words,
      act: () => {
        send({ type: 'more-steps', firstStep });
      },
    });
  const range = (from: number, to: number) => `Show steps ${count(from + 1)} to ${count(to)}`;
  const earlier = Math.max(0, trace.firstStep - SLICE);
  const later = Math.min(trace.totalSteps, behind + SLICE);
  return html`${trace.firstStep > 0 ? more(earlier, range(earlier, trace.firstStep)) : nothing}
    <ol class="steps" aria-label="Steps" start=${trace.firstStep + 1}>
      ${repeat(
        trace.steps,
        (step) => step.number,
        (step) => stepView(step, trace.firstError, model.scores),
      )}
    </ol>
    ${behind < trace.totalSteps ? more(behind, range(behind, later)) : nothing}`;
}

/** Scrolls there; a step that is not on the page is asked for with its slice. */
function goToStep(trace: NonNullable<TraceView['trace']>, step: number, send: Send): void {
  if (showStep(step) || step > trace.totalSteps) return;
  const firstStep = Math.floor((step - 1) / SLICE) * SLICE;
  send({ type: 'more-steps', firstStep, show: step });
}

/**
 * Scrolls to a step and gives it the focus.
 * @param number 1-based
 * @returns whether it is on the page
 */
export function showStep(number: number): boolean {
  const element = document.getElementById(stepId(number));
  element?.scrollIntoView({ block: 'center' });
  element?.focus({ preventScroll: true });
  return element !== null;
}

function jsonView(view: TraceView): TemplateResult {
  return html`<h3 id="trace-json-title">Row as JSON</h3>
    <pre class="raw-json" id="trace-json" tabindex="0" role="region" aria-labelledby="trace-json-title">
${view.json}</pre>
    ${
      view.jsonCut === true ? html`<p class="note">Cut here. “Copy as JSON” has the whole row.</p>` : nothing
    }`;
}
