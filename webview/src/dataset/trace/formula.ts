// `<prm-formula>`: a formula that is drawn when the part of the page around it comes near the visible part, a few in
// each frame.
import { drawFormula } from './latex.ts';
import type { Formula } from './segments.ts';

/** Class of the elements that are watched: a row may have thousands of formulas, but only hundreds of steps. */
export const FORMULA_AREA = 'formula-area';

/** Spent on formulas in one frame, milliseconds; at least one is drawn. */
const BUDGET = 8;

/** Set `formula` and `source`; the source, as it stands in the data, is shown until the formula is drawn, or for good. */
class FormulaElement extends HTMLElement {
  #formula: Formula | undefined;
  #source = '';
  #area: Element | undefined;

  /** What to draw; `source` is the text that it stands for, with its delimiters. */
  set content({ formula, source }: { formula: Formula; source: string }) {
    if (source === this.#source && formula.display === this.#formula?.display) return;
    this.#formula = formula;
    this.#source = source;
    this.className = formula.display ? 'display' : 'inline';
    this.removeAttribute('title');
    this.removeAttribute('tabindex');
    this.textContent = source;
    if (this.isConnected) this.#await();
  }

  connectedCallback(): void {
    this.#await();
  }

  disconnectedCallback(): void {
    awaiting.get(this.#area ?? this)?.delete(this);
    drawing.delete(this);
  }

  #await(): void {
    this.#area = this.closest(`.${FORMULA_AREA}`) ?? this;
    const formulas = awaiting.get(this.#area) ?? new Set();
    awaiting.set(this.#area, formulas.add(this));
    // Observed anew, an element is reported as soon as it is visible, also where it was reported before.
    coming.observe(this.#area);
  }

  draw(): void {
    if (this.#formula === undefined) return;
    const refusal = drawFormula(this.#formula, this);
    this.classList.add(refusal === undefined ? 'drawn' : 'refused');
    if (refusal !== undefined) this.title = `Shown as written: ${refusal}`;
    // Too wide for its line, it scrolls: by keyboard, too.
    else if (this.#formula.display && this.scrollWidth > this.clientWidth) this.tabIndex = 0;
  }
}

/** Formulas by the area around them, until it comes near. */
const awaiting = new WeakMap<Element, Set<FormulaElement>>();
/** Whose area has come near, in order. */
const drawing = new Set<FormulaElement>();

const coming = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      coming.unobserve(target);
      if (drawing.size === 0) requestAnimationFrame(drawNext);
      for (const formula of awaiting.get(target) ?? []) drawing.add(formula);
      awaiting.delete(target);
    }
  },
  { rootMargin: '400px' },
);

function drawNext(): void {
  const started = performance.now();
  for (const formula of drawing) {
    drawing.delete(formula);
    formula.draw();
    if (performance.now() - started > BUDGET) break;
  }
  if (drawing.size > 0) requestAnimationFrame(drawNext);
}

customElements.define('prm-formula', FormulaElement);
