// The keys of a plot that has the focus: the crosshair moves from point to point, the shown part shrinks and grows.
import { jointX } from '../../ui/plot/aligned.ts';
import type { Figure } from './figure.ts';
import { firstFrom } from './figure.ts';

export type PlotWish =
  { type: 'cursor'; x: number | undefined } | { type: 'zoom'; from: number; to: number } | { type: 'reset' };

/** As `aria-keyshortcuts`. */
export const ZOOM_KEYS = '+ - 0 Shift+ArrowLeft Shift+ArrowRight';

/** What a key press wishes for; undefined: nothing. */
export function wishOfPlotKey(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  figure: Figure,
  cursor: number | undefined,
): PlotWish | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const places = shownPlaces(figure);
  const first = places[0];
  const last = places.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const range = figure.plot.x.range ?? [first, last];
  if (figure.plot.zoomable === true) {
    const seen = cursor !== undefined && cursor >= range[0] && cursor <= range[1];
    const wish = zoomWish(event, range, seen ? cursor : (range[0] + range[1]) / 2);
    if (wish !== undefined) return wish;
  }
  const at = cursor === undefined ? places.length - 1 : nearest(places, cursor);
  const leap = Math.max(1, Math.round(places.length / 10));
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageDown: at - leap,
    PageUp: at + leap,
    Home: 0,
    End: places.length - 1,
  };
  const to = moves[event.key];
  if (to === undefined || event.shiftKey) return undefined;
  return { type: 'cursor', x: places[Math.min(places.length - 1, Math.max(0, to))] };
}

function zoomWish(
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
  [from, to]: readonly [number, number],
  around: number,
): PlotWish | undefined {
  const part = (factor: number): PlotWish => ({
    type: 'zoom',
    from: Math.max(0, around - (around - from) * factor),
    to: around + (to - around) * factor,
  });
  const shift = (share: number): PlotWish => {
    const by = Math.max((to - from) * share, -from);
    return { type: 'zoom', from: from + by, to: to + by };
  };
  if (key === '+' || key === '=') return part(1 / 2);
  if (key === '-') return part(2);
  if (key === '0') return { type: 'reset' };
  if (shiftKey && key === 'ArrowLeft') return shift(-1 / 4);
  if (shiftKey && key === 'ArrowRight') return shift(1 / 4);
  return undefined;
}

/** Asked for at every move of the crosshair. */
const placesOf = new WeakMap<Figure, number[]>();

/** Every x of a named line in the shown part, ascending. */
export function shownPlaces(figure: Figure): number[] {
  const known = placesOf.get(figure);
  if (known !== undefined) return known;
  const { named, plot } = figure;
  const { range } = plot.x;
  const all = jointX(named.map((line) => line.plot));
  const places = range === undefined ? all : all.filter((x) => x >= range[0] && x <= range[1]);
  placesOf.set(figure, places);
  return places;
}

function nearest(places: readonly number[], x: number): number {
  const after = Math.min(places.length - 1, firstFrom(places, x));
  const before = Math.max(0, after - 1);
  return x - (places[before] ?? 0) < (places[after] ?? 0) - x ? before : after;
}
