// What a chart shows, in a sentence: for who cannot see it, and as the description of its picture.
import { counted } from '../../ui/format.ts';
import type { Figure, NamedLine } from './figure.ts';

/** "Accuracy over step. validation: 62.0 % at first, 93.0 % at last, highest 94.1 % at step 300." */
export function summaryOf({ title, named, place, plot }: Figure): string {
  const lines = named.flatMap((line) => lineWords(line, place) ?? []);
  return [`${title} over ${plot.x.label.toLowerCase()}.`, ...lines].join(' ');
}

function lineWords({ name, plot, value }: NamedLine, place: (x: number) => string): string | undefined {
  const points = plot.x.flatMap((x, index) => {
    const y = plot.y[index] ?? null;
    return y === null ? [] : [{ x, y }];
  });
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (first === last) return `${name}: ${value(first.y)} at ${place(first.x)}.`;
  let lowest = first;
  let highest = first;
  for (const point of points) {
    if (point.y < lowest.y) lowest = point;
    if (point.y > highest.y) highest = point;
  }
  const extremes =
    lowest.y === highest.y
      ? 'always the same'
      : `lowest ${value(lowest.y)} at ${place(lowest.x)}, highest ${value(highest.y)} at ${place(highest.x)}`;
  return `${name} (${counted(points.length, 'point')}): first ${value(first.y)}, newest ${value(last.y)}, ${extremes}.`;
}
