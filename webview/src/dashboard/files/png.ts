// A figure as a PNG picture: title, plot and legend on the theme's background.
import { colourResolver } from '../../ui/plot/colours.ts';
import type { Plot } from '../../ui/plot/element.ts';
import type { Figure } from '../charts/figure.ts';

/** In CSS pixels; the picture has the screen's pixels. */
const MARGIN = 12;
const TITLE = 26;
const LINE = 20;
const SAMPLE = 28;

/** @returns base64 without the `data:` part; undefined: nothing is drawn */
export function pngOfFigure(plot: Plot, figure: Figure): string | undefined {
  const drawn = plot.canvas;
  const scale = window.devicePixelRatio;
  if (drawn === undefined || drawn.width === 0) return undefined;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  const { fontFamily } = getComputedStyle(plot);
  const font = `12px ${fontFamily}`;
  const width = drawn.width / scale;
  const rows = legendRows(context, font, figure, width);
  canvas.width = drawn.width + 2 * MARGIN * scale;
  canvas.height = drawn.height + (TITLE + 2 * MARGIN + rows.length * LINE) * scale;
  const resolve = colourResolver(plot);
  context.scale(scale, scale);
  context.fillStyle = resolve('var(--vscode-editor-background, Canvas)');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = resolve('var(--chart-text)');
  context.font = `bold 14px ${fontFamily}`;
  context.fillText(figure.title, MARGIN, MARGIN + 14);
  context.drawImage(drawn, MARGIN, MARGIN + TITLE, width, drawn.height / scale);
  context.font = font;
  rows.forEach((row, index) => {
    const y = MARGIN + TITLE + drawn.height / scale + (index + 0.5) * LINE;
    for (const { line, left } of row) {
      const { colour, dash, width: thickness } = line.plot.style;
      context.strokeStyle = resolve(colour);
      context.lineWidth = thickness;
      context.setLineDash([...dash]);
      context.beginPath();
      context.moveTo(MARGIN + left, y);
      context.lineTo(MARGIN + left + SAMPLE, y);
      context.stroke();
      context.fillText(line.name, MARGIN + left + SAMPLE + 6, y + 4);
    }
  });
  return canvas.toDataURL('image/png').slice('data:image/png;base64,'.length);
}

/** The legend broken into rows that fit. */
function legendRows(context: CanvasRenderingContext2D, font: string, { named }: Figure, width: number) {
  context.font = font;
  const rows: { line: Figure['named'][number]; left: number }[][] = [[]];
  let left = 0;
  for (const line of named) {
    const needed = SAMPLE + 6 + context.measureText(line.name).width + 18;
    if (left > 0 && left + needed > width) {
      rows.push([]);
      left = 0;
    }
    rows.at(-1)?.push({ line, left });
    left += needed;
  }
  return rows;
}
