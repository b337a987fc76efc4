// A button with a key and a state. The toolkit's own button does not hand ARIA states to the button inside it, so a screen
// reader would not hear that it is pressed or unavailable.
import { html, nothing, type TemplateResult } from 'lit';
import './action.css';

export interface Action {
  words: string;
  act: () => void;
  /** Shown behind the words, as `KeyboardEvent.key`. */
  key?: string;
  /** Missing: true. An impossible one keeps its place and the focus, says so, and does nothing. */
  possible?: boolean;
  /** Of a switch. */
  pressed?: boolean;
}

export function actionButton({ words, act, key, possible = true, pressed }: Action): TemplateResult {
  return html`<button
    class="action"
    aria-disabled=${possible ? nothing : 'true'}
    aria-pressed=${pressed === undefined ? nothing : String(pressed)}
    aria-keyshortcuts=${key ?? nothing}
    @click=${() => {
      if (possible) act();
    }}
  >
    ${words}${key === undefined ? nothing : html`<kbd aria-hidden="true">${key === 'Escape' ? 'Esc' : key}</kbd>`}
  </button>`;
}
