// The validation steps that the model scored worst: a list, and the one that is open with its problem and path.
import { html, nothing, type TemplateResult } from 'lit';
import type { WorstStep } from '../../../../protocol/src/runs.ts';
import { count, counted } from '../../ui/format.ts';
import { LABEL_SIGNS } from '../../ui/labels.ts';
import type { DashboardPage } from '../page.ts';

export function worstSteps(page: DashboardPage, worst: readonly WorstStep[]): TemplateResult {
  return html`<section class="worst" aria-labelledby="worst-title">
    <h4 id="worst-title">Worst-scored validation steps</h4>
    ${
      worst.length === 0
        ? html`<p class="note">None.</p>`
        : html`<p class="note">
              ${counted(worst.length, 'step')}, the highest loss first. Press one to read its problem and
              steps.
            </p>
            <ol @keydown=${moveInList}>
              ${worst.map((step, index) => item(page, step, index))}
            </ol>`
    }
  </section>`;
}

function item(page: DashboardPage, step: WorstStep, index: number): TemplateResult {
  const open = page.openWorst === index;
  const text = step.steps.at(-1) ?? '';
  const id = `worst-${index}`;
  return html`<li>
    <button
      class="worst-step"
      tabindex=${index === (page.openWorst ?? 0) ? 0 : -1}
      aria-expanded=${open ? 'true' : 'false'}
      aria-controls=${open ? id : nothing}
      @click=${() => {
        page.toggleWorst(index);
      }}
    >
      <span class="verdict ${step.label}"
        ><span aria-hidden="true">${LABEL_SIGNS[step.label]}</span> ${step.label}</span
      >
      <span class="score">score ${step.score.toFixed(3)}</span>
      <span class="score">loss ${step.loss.toFixed(2)}</span>
      <span class="excerpt" dir="auto">${text.trim() === '' ? '(empty step)' : text}</span>
    </button>
    ${open ? reading(step, id) : nothing}
  </li>`;
}

/** Text of the dataset, as it is: nothing of it is markup. */
function reading({ problem, steps, label, score, loss }: WorstStep, id: string): TemplateResult {
  return html`<div class="worst-open" id=${id}>
    <h5>Problem</h5>
    <p class="text" dir="auto">${problem}</p>
    <h5>Steps</h5>
    <ol>
      ${steps.map((text, index) => {
        const last = index === steps.length - 1;
        return html`<li class=${last ? 'judged' : ''} aria-current=${last ? 'step' : nothing}>
          ${
            last
              ? html`<p class="judgement">
                  Step ${count(index + 1)}: labelled <strong>${label}</strong>, scored
                  <strong>${score.toFixed(3)}</strong> (loss ${loss.toFixed(2)})
                </p>`
              : nothing
          }
          <p class="text" dir="auto">${text}</p>
        </li>`;
      })}
    </ol>
  </div>`;
}

/** The list is one stop of the Tab key. */
function moveInList(event: KeyboardEvent): void {
  const { currentTarget: list, target } = event;
  if (!(list instanceof HTMLElement) || !(target instanceof HTMLButtonElement)) return;
  const buttons = [...list.querySelectorAll<HTMLButtonElement>('.worst-step')];
  const at = buttons.indexOf(target);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: buttons.length - 1,
  };
  const next = buttons[moves[event.key] ?? -1];
  if (next === undefined) return;
  event.preventDefault();
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
}
