// Scrolls to the start when something else is shown in the same place: `<section ${scrollToStart(key)}>`.
import type { ElementPart } from 'lit';
import { directive, Directive } from 'lit/directive.js';

class ScrollToStart extends Directive {
  #key: string | undefined;

  override render(_key: string): undefined {
    return undefined;
  }

  override update({ element }: ElementPart, [key]: [string]): undefined {
    const changed = this.#key !== undefined && this.#key !== key;
    this.#key = key;
    if (changed) scrollerOf(element)?.scrollTo({ top: 0 });
    return undefined;
  }
}

/** The nearest element around this one that scrolls its content up and down. */
function scrollerOf(element: Element): Element | undefined {
  for (let around = element.parentElement; around !== null; around = around.parentElement) {
    if (['auto', 'scroll'].includes(getComputedStyle(around).overflowY)) return around;
  }
  return undefined;
}

/** @param key what is shown; another key scrolls the element around to its start */
export const scrollToStart = directive(ScrollToStart);
