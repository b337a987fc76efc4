// What holds for all training charts: the x axis, smoothing, the log scale, and the way back from a zoom.
import { html, nothing, type TemplateResult } from 'lit';
import { actionButton } from '../../ui/action.ts';
import { count } from '../../ui/format.ts';
import type { DashboardPage } from '../page.ts';
import { X_AXES } from '../state.ts';
import { AXIS_WORDS } from './axis.ts';

export function chartControls(page: DashboardPage): TemplateResult {
  const { axis, smoothing, log, zoom } = page.kept;
  return html`<div class="controls" role="group" aria-label="All training charts">
    <label
      >Over
      <select
        @change=${(event: Event) => {
          const chosen = X_AXES.find((name) => name === (event.target as HTMLSelectElement).value);
          if (chosen !== undefined) page.setAxis(chosen);
        }}
      >
        ${X_AXES.map(
          (name) => html`<option value=${name} ?selected=${name === axis}>${AXIS_WORDS[name].label}</option>`,
        )}
      </select></label
    >
    <label
      >Smoothing
      <input
        type="range"
        min="0"
        max="0.99"
        step="0.01"
        .value=${String(smoothing)}
        @input=${(event: Event) => {
          page.setSmoothing(Number((event.target as HTMLInputElement).value));
        }}
      />
      <output>${smoothing === 0 ? 'none' : smoothing.toFixed(2)}</output></label
    >
    <label class="choice"
      ><input
        type="checkbox"
        .checked=${log}
        @change=${(event: Event) => {
          page.setLog((event.target as HTMLInputElement).checked);
        }}
      />
      Log scale</label
    >
    ${
      zoom === null
        ? nothing
        : html`<span>Steps ${count(zoom.steps.from)} to ${count(zoom.steps.to)}</span> ${actionButton({
              words: 'Show all',
              act: () => {
                page.resetZoom();
              },
            })}`
    }
  </div>`;
}
