// `<prm-formula>`: a formula that is drawn when the part of the page around it comes near the visible part, a few in
// each frame.
import { drawFormula } from './latex.ts';
import type { Formula } from './segments.ts';

/** Class of the elements that are watched: a row may have thousands of formulas, but only hundreds of steps. */
export const FORMULA_AREA = 'formula-area';

/** Spent on formulas in one frame, milliseconds. */
const BUDGET = 10;

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
  }

  #await(): void {
    this.#area = this.closest(`.${FORMULA_AREA}`) ?? this;
    const formulas = awaiting.get(this.#area) ?? new Set();
    awaiting.set(this.#area, formulas.add(this));
    // Not observed any more where all of its formulas were drawn.
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

/** Formulas that are not drawn yet, by the area around them. */
const awaiting = new WeakMap<Element, Set<FormulaElement>>();
/** Areas with such formulas that are near the visible part now, in the order in which they came. */
const near = new Set<Element>();
let drawing = false;

const coming = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      near.delete(target);
      if (isIntersecting) near.add(target);
    }
    if (near.size > 0 && !drawing) {
      drawing = true;
      requestAnimationFrame(drawNext);
    }
  },
  { rootMargin: '400px' },
);

function drawNext(): void {
  const started = performance.now();
  for (const area of near) {
    const formulas = awaiting.get(area) ?? [];
    for (const formula of formulas) {
      if (performance.now() - started > BUDGET) {
        requestAnimationFrame(drawNext);
        return;
      }
      awaiting.get(area)?.delete(formula);
      formula.draw();
    }
    near.delete(area);
    coming.unobserve(area);
  }
  drawing = false;
}

customElements.define('prm-formula', FormulaElement);
