// A line chart in the theme's colours (uPlot), as a custom element: `<prm-line-chart>`.
import uPlot from 'uplot';

export interface ChartLine {
  name: string;
  /** CSS variable of the theme, without `var()`. */
  colour: string;
  dashed?: boolean;
  /** [points]; null leaves a gap that neighbours bridge. */
  values: (number | null)[];
}

export interface ChartData {
  title: string;
  /** Optimiser steps, ascending, [points]. */
  steps: number[];
  lines: ChartLine[];
}

const HEIGHT = 220;

/** Set `data` to draw; the element fills its container's width and follows theme changes. */
export class LineChart extends HTMLElement {
  #data: ChartData | undefined;
  #plot: uPlot | undefined;
  readonly #resize = new ResizeObserver(() =>
    this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT }),
  );
  readonly #theme = new MutationObserver(() => {
    this.#draw();
  });

  set data(data: ChartData) {
    const sameLines =
      this.#data?.lines.map((line) => line.name).join() === data.lines.map((line) => line.name).join();
    this.#data = data;
    this.setAttribute('role', 'img');
    this.setAttribute('aria-label', describe(data));
    if (this.#plot !== undefined && sameLines) this.#plot.setData(aligned(data));
    else this.#draw();
  }

  connectedCallback(): void {
    this.#resize.observe(this);
    this.#theme.observe(document.body, { attributeFilter: ['class'] });
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#resize.disconnect();
    this.#theme.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #draw(): void {
    if (this.#data === undefined || !this.isConnected) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim() || 'currentColor';
    const axis: uPlot.Axis = {
      stroke: colour('--vscode-foreground'),
      grid: { stroke: colour('--vscode-editorWidget-border'), width: 1 },
      ticks: { stroke: colour('--vscode-editorWidget-border'), width: 1 },
    };
    this.#plot?.destroy();
    this.#plot = new uPlot(
      {
        title: this.#data.title,
        width: Math.max(240, this.clientWidth),
        height: HEIGHT,
        scales: { x: { time: false } },
        axes: [axis, axis],
        series: [
          { label: 'step' },
          ...this.#data.lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: 2,
            spanGaps: true,
            ...(line.dashed === true ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      aligned(this.#data),
      this,
    );
  }
}

function aligned(data: ChartData): uPlot.AlignedData {
  return [data.steps, ...data.lines.map((line) => line.values)];
}

/** What a screen reader says in place of the picture: the newest value of every line. */
function describe(data: ChartData): string {
  const newest = data.lines.map((line) => {
    const value = line.values.findLast((candidate) => candidate !== null);
    return `${line.name} ${value === undefined || value === null ? 'not yet known' : value.toFixed(3)}`;
  });
  return `${data.title}, ${data.steps.length} points. Newest: ${newest.join(', ')}.`;
}
