// One stop of the Tab key for a row of buttons; the arrow keys, Home and End move inside (as in a toolbar).

const MOVES: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => Math.min(count - 1, at + 1),
  ArrowLeft: (at) => Math.max(0, at - 1),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** `keydown` of the element around the buttons; at first, the one with `tabindex="0"` takes the Tab key. */
export function rove(event: KeyboardEvent): void {
  const group = event.currentTarget;
  const move = MOVES[event.key];
  if (move === undefined || !(group instanceof HTMLElement)) return;
  const buttons = [...group.querySelectorAll<HTMLButtonElement>('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const next = buttons[move(at, buttons.length)];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
}
