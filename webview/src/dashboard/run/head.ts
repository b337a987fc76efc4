// The run that is shown: its state and progress, and what can be done with it.
import { html, nothing, type TemplateResult } from 'lit';
import type { FromDashboard, RunSummary } from '../../../../protocol/src/dashboard.ts';
import { actionButton } from '../../ui/action.ts';
import { bytes, count, counted, duration, figure, percent, portion } from '../../ui/format.ts';
import type { DashboardPage } from '../page.ts';
import { STATE_SENTENCES, STATE_SIGNS } from '../runs/states.ts';
import { possibleActions } from './possible.ts';

export function runHead(page: DashboardPage, run: RunSummary): TemplateResult {
  return html`<header class="run-head">
    <h2 id="run-title"><bdi>${run.name}</bdi></h2>
    <p class="state-line">
      <span class="state ${run.state}"
        ><span aria-hidden="true">${STATE_SIGNS[run.state]}</span> ${run.state}</span
      >
      ${STATE_SENTENCES[run.state]}${run.message === null ? nothing : html` <span class="message">${run.message}</span>`}
    </p>
    ${readingWords(run)}
    <label class="progress">
      <span>Step ${count(run.step)} of ${count(run.totalSteps)}${epochWords(run)}</span>
      <progress max=${Math.max(1, run.totalSteps)} .value=${run.step}></progress>
    </label>
    <div class="buttons">${buttons(page, run)}</div>
    <dl class="facts">
      ${facts(run).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </header>`;
}

/** A long run is read in pieces; lines that are no events were cut short by a kill. */
function readingWords({ reading, unreadableLines = 0 }: RunSummary): TemplateResult | typeof nothing {
  if (reading !== undefined && reading < 1)
    return html`<p class="note">Reading the run: ${portion(reading)}</p>`;
  if (unreadableLines === 0) return nothing;
  return html`<p class="note">${counted(unreadableLines, 'line')} of the run’s events could not be read.</p>`;
}

function epochWords({ epoch, stage }: RunSummary): string {
  const stages = stage === null ? '' : `, stage ${stage}`;
  return epoch > 0 ? `, epoch ${figure(epoch, 2)}${stages}` : stages;
}

function buttons(page: DashboardPage, run: RunSummary): TemplateResult[] {
  const { folder } = run;
  const possible = possibleActions(run);
  const button = (words: string, message: Parameters<DashboardPage['act']>[0]) =>
    actionButton({
      words,
      act: () => {
        page.act(message);
      },
    });
  const use = (model: string, words: string): TemplateResult =>
    button(words, { type: 'use', folder, model } satisfies FromDashboard);
  return [
    ...(possible.stop ? [button('Stop with a checkpoint', { type: 'stop', folder })] : []),
    ...(possible.resume ? [button('Resume', { type: 'resume', folder })] : []),
    ...(possible.models.includes('best_model') ? [use('best_model', 'Use the best model')] : []),
    ...(possible.models.includes('final_model') ? [use('final_model', 'Use the final model')] : []),
    ...(possible.evaluate ? [button('Evaluate…', { type: 'evaluate', folder })] : []),
    button('Open folder', { type: 'reveal', folder }),
  ];
}

function facts(run: RunSummary): [string, string][] {
  const going = run.state === 'running';
  const known: [string, string | undefined][] = [
    ['Time left', going ? duration(run.secondsLeft) : undefined],
    ['Steps a second', run.stepsPerSecond === null ? undefined : figure(run.stepsPerSecond, 2)],
    ['Tokens a second', run.tokensPerSecond === null ? undefined : count(Math.round(run.tokensPerSecond))],
    ['Device', run.device],
    ['Memory', run.memoryBytes === null ? undefined : bytes(run.memoryBytes)],
    ['Trained numbers', run.parameters === null ? undefined : count(run.parameters)],
    ['Training loss', run.loss === null ? undefined : figure(run.loss, 4)],
    ['Training accuracy', run.accuracy === null ? undefined : percent(run.accuracy)],
    ['Started', run.startedAt === null ? undefined : timeWords(run.startedAt)],
    ['Last event', run.updatedAt === null ? undefined : timeWords(run.updatedAt)],
  ];
  return known.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]));
}

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function timeWords(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : TIME.format(at);
}
