// What a chart shows, in a sentence: for who cannot see it, and as the description of its picture.
import { count, counted } from '../../ui/format.ts';
import type { Figure, NamedLine } from './figure.ts';
import type { ChartedRun } from './trainingFigures.ts';

/** "Accuracy over step. validation: 62.0 % at first, 93.0 % at last, highest 94.1 % at step 300." */
export function summaryOf({ title, named, place, plot }: Figure): string {
  const lines = named.flatMap((line) => lineWords(line, place) ?? []);
  return [`${title} over ${plot.x.label.toLowerCase()}.`, ...lines].join(' ');
}

/** "Stages of both: head from step 1, lora from step 43." for each staged run; its name only where there are others. */
export function stagesWords(runs: readonly ChartedRun[]): string[] {
  return runs.flatMap(({ name, chart }) => {
    const { stages = [] } = chart ?? {};
    if (stages.length === 0) return [];
    const each = stages.map((stage) => `${stage.name} from step ${count(stage.from)}`);
    return [`Stages${runs.length === 1 ? '' : ` of ${name}`}: ${each.join(', ')}.`];
  });
}

function lineWords({ name, plot, value }: NamedLine, place: (x: number) => string): string | undefined {
  const { x, y } = plot;
  const at = (index: number) => y[index] ?? 0;
  let points = 0;
  let [first, last, lowest, highest] = [-1, -1, -1, -1];
  for (let index = 0; index < y.length; index++) {
    if (y[index] === null) continue;
    points++;
    last = index;
    if (first < 0) first = lowest = highest = index;
    if (at(index) < at(lowest)) lowest = index;
    if (at(index) > at(highest)) highest = index;
  }
  if (first < 0) return undefined;
  const words = (index: number) => `${value(at(index))} at ${place(x[index] ?? 0)}`;
  if (points === 1) return `${name}: ${words(first)}.`;
  const extremes =
    at(lowest) === at(highest) ? 'always the same' : `lowest ${words(lowest)}, highest ${words(highest)}`;
  return `${name} (${counted(points, 'point')}): first ${value(at(first))}, newest ${value(at(last))}, ${extremes}.`;
}
