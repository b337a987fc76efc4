// Parts of a plot's x axis that have names: a line where each begins, and its name beside it.
import type uPlot from 'uplot';
import type { PlotModel } from './model.ts';

/** CSS pixels. */
const LINE_HEIGHT = 13;
const GAP = 4;

export interface MarkLook {
  /** A CSS colour as the canvas understands it. */
  resolve: (colour: string) => string;
  font: string;
}

/**
 * Draws the marks on top of the plot's lines. A part that began left of what is shown has its name at the edge; names
 * that would lie on each other stand in rows.
 */
export function drawMarks(plot: uPlot, { marks = [] }: PlotModel, { resolve, font }: MarkLook): void {
  const { min, max } = plot.scales.x ?? {};
  if (marks.length === 0 || min == null || max == null) return;
  const { ctx: context, bbox } = plot;
  const pixels = devicePixelRatio;
  const right = bbox.left + bbox.width;
  /** For each row, where its last name ends. */
  const ends: number[] = [];
  context.save();
  context.font = scaledFont(font, pixels);
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  for (const { from, to = Infinity, label, colour } of marks) {
    if (from > max || to <= min) continue;
    const left = from > min ? plot.valToPos(from, 'x', true) : bbox.left;
    if (from > min) {
      context.strokeStyle = resolve(colour);
      context.lineWidth = pixels;
      context.setLineDash([3 * pixels, 3 * pixels]);
      // In the middle of the screen's pixels, or the line is twice as wide and half as strong.
      const middle = Math.round(left) + (Math.round(pixels) % 2) / 2;
      context.beginPath();
      context.moveTo(middle, bbox.top);
      context.lineTo(middle, bbox.top + bbox.height);
      context.stroke();
      context.setLineDash([]);
    }
    const { width } = context.measureText(label);
    const at = Math.max(bbox.left, Math.min(left + GAP * pixels, right - width));
    const free = ends.findIndex((end) => end <= at);
    const row = free < 0 ? ends.length : free;
    ends[row] = at + width + GAP * pixels;
    const top = bbox.top + (2 + row * LINE_HEIGHT) * pixels;
    // The background around the letters keeps them apart from the lines behind.
    context.strokeStyle = resolve('var(--chart-ground)');
    context.lineWidth = 3 * pixels;
    context.strokeText(label, at, top);
    context.fillStyle = resolve('var(--chart-text)');
    context.fillText(label, at, top);
  }
  context.restore();
}

/** "11px sans" -> "22px sans" on a screen with two pixels for one. */
function scaledFont(font: string, pixels: number): string {
  return font.replace(/^[\d.]+/, (size) => String(Number(size) * pixels));
}
