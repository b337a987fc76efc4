// The summary view: what a dataset holds, in figures and distributions.
import { html, nothing, type TemplateResult } from 'lit';
import type { DatasetSummary } from '../../../../protocol/src/datasetSummary.ts';
import type { RowCondition } from '../../../../protocol/src/datasets.ts';
import { actionButton } from '../../ui/action.ts';
import { bytes, count, duration, percent } from '../../ui/format.ts';
import { distributionView, type Distribution } from './distribution.ts';
import { faultsView } from './faults.ts';
import { labelBalance } from './labels.ts';
import { layoutView } from './layout.ts';
import type { SummaryModel, SummaryWish } from './model.ts';
import { columnsView, schemaView } from './schema.ts';
import './summary.css';

type Send = (wish: SummaryWish) => void;

/**
 * What the dataset holds. The page draws it again whenever the model changes, and puts the focus on the section
 * (`.summary`) when it opens.
 * @param send called with what the user wants; the page acts on it and draws again
 */
export function summaryView(model: SummaryModel, send: Send): TemplateResult {
  return html`<section class="summary" aria-labelledby="summary-title" tabindex="-1">
    <div class="head">
      <h2 id="summary-title">Summary</h2>
      ${stateView(model, send)}
    </div>
    ${model.summary === undefined ? nothing : body(model.summary, send)}
  </section>`;
}

function stateView(model: SummaryModel, send: Send): TemplateResult {
  const { state, share, summary } = model;
  const button = (words: string, wish: SummaryWish) =>
    actionButton({
      words,
      act: () => {
        send(wish);
      },
    });
  if (state === 'running') {
    return html`<label class="running"
        >Reading the whole file${share === undefined ? '…' : ` (${percent(share)})`}
        <progress max="1" value=${share ?? nothing}></progress></label
      >${button('Stop', { type: 'stop' })}`;
  }
  return html`<p role="status" class=${typeof state === 'string' ? '' : 'failure'}>
      ${typeof state === 'string' ? stateWords(model) : `The summary was not made: ${state.failed}`}
    </p>
    ${button(summary === undefined ? 'Summarise' : 'Summarise again', { type: 'run' })}`;
}

function stateWords({ summary, outdated }: SummaryModel): string {
  if (summary === undefined) return 'A summary reads the whole file once.';
  const since = outdated === true ? ', before the file grew' : '';
  return `Made in ${timeWords(summary.seconds)}${since}.`;
}

function timeWords(seconds: number): string {
  if (seconds < 0.1) return `${count(Math.ceil(seconds * 1000))} ms`;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

function body(summary: DatasetSummary, send: Send): TemplateResult {
  return html`${overview(summary)} ${layoutView(summary.layout, summary.wrappers)}
  ${summary.steps === 0 ? nothing : labelBalance(summary, send)} ${distributions(summary, send)}
  ${faultsView(summary.faults, send)} ${columnsView(summary, send)} ${schemaView(summary.schema)}`;
}

function overview(summary: DatasetSummary): TemplateResult {
  const facts: [string, string][] = [['Rows', count(summary.rows)]];
  if (summary.layout.layout !== null) {
    const about = summary.problemsExact ? '' : 'about ';
    if (summary.traceRows !== summary.rows)
      facts.push(['Rows that fit the layout', count(summary.traceRows)]);
    facts.push(
      ['Problems', `${about}${count(summary.problems)}`],
      ['Paths', count(summary.traces)],
      ['Steps', count(summary.steps)],
      ['Empty steps', count(summary.emptySteps)],
    );
  }
  facts.push(['Size', bytes(summary.bytes)]);
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function distributions(summary: DatasetSummary, send: Send): TemplateResult | typeof nothing {
  const between =
    (kind: 'steps' | 'first-error') =>
    (from: number, to: number): RowCondition => ({ kind, from, to });
  const candidates: (Omit<Distribution, 'spread'> & { spread: Distribution['spread'] | null })[] = [
    { title: 'Steps of a path', of: 'path', spread: summary.stepsPerTrace, condition: between('steps') },
    { title: 'First wrong step', of: 'path', spread: summary.firstError, condition: between('first-error') },
    { title: 'Characters of a problem', of: 'problem', spread: summary.problemCharacters },
    { title: 'Characters of a step', of: 'step', spread: summary.stepCharacters },
  ];
  const drawn = candidates.flatMap(({ spread, ...rest }) => (spread === null ? [] : [{ ...rest, spread }]));
  if (drawn.length === 0) return nothing;
  return html`<section aria-labelledby="summary-distributions">
    <h3 id="summary-distributions">Distributions</h3>
    <div class="distributions">${drawn.map((distribution) => distributionView(distribution, send))}</div>
  </section>`;
}
