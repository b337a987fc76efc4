// `<prm-formula>`: a formula that is drawn when it comes near the visible part of the page, a few in each frame.
import { drawFormula } from './latex.ts';
import type { Formula } from './segments.ts';

/** Spent on formulas in one frame, milliseconds; at least one is drawn. */
const BUDGET = 8;

/** Set `formula` and `source`; the source, as it stands in the data, is shown until the formula is drawn, or for good. */
class FormulaElement extends HTMLElement {
  #formula: Formula | undefined;
  #source = '';

  /** What to draw; `source` is the text that it stands for, with its delimiters. */
  set content({ formula, source }: { formula: Formula; source: string }) {
    if (source === this.#source && formula.display === this.#formula?.display) return;
    this.#formula = formula;
    this.#source = source;
    this.className = formula.display ? 'display' : 'inline';
    this.removeAttribute('title');
    this.removeAttribute('tabindex');
    this.textContent = source;
    if (this.isConnected) coming.observe(this);
  }

  connectedCallback(): void {
    coming.observe(this);
  }

  disconnectedCallback(): void {
    coming.unobserve(this);
    waiting.delete(this);
  }

  draw(): void {
    if (this.#formula === undefined) return;
    const refusal = drawFormula(this.#formula, this);
    this.classList.add(refusal === undefined ? 'drawn' : 'refused');
    if (refusal !== undefined) this.title = `Shown as written: ${refusal}`;
    // Too wide for its line, it scrolls: by keyboard, too.
    else if (this.scrollWidth > this.clientWidth && this.#formula.display) this.tabIndex = 0;
  }
}

const waiting = new Set<FormulaElement>();

const coming = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !(target instanceof FormulaElement)) continue;
      coming.unobserve(target);
      if (waiting.size === 0) requestAnimationFrame(drawWaiting);
      waiting.add(target);
    }
  },
  { rootMargin: '400px' },
);

function drawWaiting(): void {
  const started = performance.now();
  for (const element of waiting) {
    waiting.delete(element);
    element.draw();
    if (performance.now() - started > BUDGET) break;
  }
  if (waiting.size > 0) requestAnimationFrame(drawWaiting);
}

customElements.define('prm-formula', FormulaElement);
