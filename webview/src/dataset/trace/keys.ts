// The keys of the trace view; they count while the focus is inside it, except where text is typed.
import type { TraceModel, TraceWish } from './model.ts';

/** As `KeyboardEvent.key`, as `aria-keyshortcuts`, and as shown. */
export const KEYS = { previous: 'P', next: 'N', json: 'J', close: 'Escape' } as const;

/** What a key press wishes for in this state; undefined: nothing. */
export function wishOfKey(event: KeyboardEvent, model: TraceModel): TraceWish | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
  const [target] = event.composedPath();
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return undefined;
  switch (event.key.length === 1 ? event.key.toUpperCase() : event.key) {
    case KEYS.previous:
      return model.hasPrevious ? { type: 'previous' } : undefined;
    case KEYS.next:
      return model.hasNext ? { type: 'next' } : undefined;
    case KEYS.json:
      return { type: 'json' };
    case KEYS.close:
      return { type: 'close' };
    default:
      return undefined;
  }
}
