// The list of runs: a list box in which one or several are chosen, by mouse and by keys.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RunSummary } from '../../../../protocol/src/dashboard.ts';
import { count, counted } from '../../ui/format.ts';
import { swatch } from '../charts/swatch.ts';
import { lineStyle } from '../charts/styles.ts';
import type { DashboardPage } from '../page.ts';
import { STATE_SIGNS } from './states.ts';

/** With fewer runs nobody needs to filter. */
const FILTER_FROM = 7;

export function runList(page: DashboardPage, runs: readonly RunSummary[]): TemplateResult {
  const { listed, selected } = page;
  const focused = listed.find(({ folder }) => folder === page.active) ?? listed[0];
  return html`<nav aria-label="Training runs">
    <h1>Training runs</h1>
    ${runs.length < FILTER_FROM && page.kept.filter === '' ? nothing : filterField(page, listed.length, runs.length)}
    ${
      listed.length === 0
        ? html`<p class="note">No run has this in its name.</p>`
        : html`<ul
            class="runs"
            role="listbox"
            aria-multiselectable="true"
            aria-label="Runs to show and compare"
            aria-describedby="runs-help"
            @keydown=${(event: KeyboardEvent) => {
              pressed(event, page);
            }}
          >
            ${repeat(
              listed,
              ({ folder }) => folder,
              (run) => item(page, run, selected.indexOf(run), run === focused),
            )}
          </ul>`
    }
    <p id="runs-help" class="note">
      ${runs.length > 1 ? 'Space, Ctrl+click or the box compares a run; Shift takes all between.' : nothing}
    </p>
  </nav>`;
}

function filterField(page: DashboardPage, listed: number, all: number): TemplateResult {
  return html`<label class="filter"
      >Filter by name
      <input
        type="search"
        autocomplete="off"
        spellcheck="false"
        .value=${page.kept.filter}
        @input=${(event: Event) => {
          page.filter((event.target as HTMLInputElement).value);
        }}
    /></label>
    <p class="note">
      ${listed === all ? counted(all, 'run') : `${count(listed)} of ${counted(all, 'run')}`}
    </p>`;
}

function item(page: DashboardPage, run: RunSummary, index: number, focused: boolean): TemplateResult {
  const selected = index >= 0;
  const { length } = page.selected;
  const share = run.totalSteps === 0 ? 0 : Math.min(1, run.step / run.totalSteps);
  return html`<li
    class="run"
    role="option"
    data-folder=${run.folder}
    tabindex=${focused ? 0 : -1}
    aria-selected=${selected ? 'true' : 'false'}
    @click=${(event: MouseEvent) => {
      const box = event.target instanceof Element && event.target.closest('.box') !== null;
      page.choose(
        run.folder,
        event.shiftKey ? 'to' : event.ctrlKey || event.metaKey || box ? 'toggle' : 'only',
      );
    }}
    @focus=${() => {
      page.active = run.folder;
    }}
  >
    <span class="box" aria-hidden="true">${selected ? '✓' : ''}</span>
    <span class="run-name"><bdi>${run.name}</bdi></span>
    ${selected && length > 1 ? swatch(lineStyle('training', index, length)) : nothing}
    <span class="state ${run.state}"
      ><span aria-hidden="true">${STATE_SIGNS[run.state]}</span> ${run.state}</span
    >
    <span class="run-progress"
      ><span class="share" aria-hidden="true"><span style=${`inline-size: ${share * 100}%`}></span></span
      >${Math.floor(share * 100)} %</span
    >
  </li>`;
}

function pressed(event: KeyboardEvent, page: DashboardPage): void {
  const [target] = event.composedPath();
  const option = target instanceof HTMLElement ? target.closest<HTMLElement>('[role=option]') : null;
  const folder = option?.dataset.folder;
  if (option === null || folder === undefined || event.altKey) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === 'a') page.chooseAll();
  else if (event.key === 'Enter' && !command) page.choose(folder, 'only');
  else if (event.key === ' ') page.choose(folder, event.shiftKey ? 'to' : 'toggle');
  else {
    const next = neighbour(option, event.key);
    if (next === undefined) return;
    next.focus();
    if (event.shiftKey && next.dataset.folder !== undefined) page.choose(next.dataset.folder, 'to');
  }
  event.preventDefault();
}

function neighbour(option: HTMLElement, key: string): HTMLElement | undefined {
  const options = [...(option.parentElement?.querySelectorAll<HTMLElement>('[role=option]') ?? [])];
  const at = options.indexOf(option);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(options.length - 1, at + 1),
    ArrowUp: Math.max(0, at - 1),
    Home: 0,
    End: options.length - 1,
  };
  const to = moves[key];
  return to === undefined ? undefined : options[to];
}
