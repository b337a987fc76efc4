// `<prm-plot>`: a model drawn by uPlot in the theme's colours, with a crosshair that the page sets.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { alignedData } from './aligned.ts';
import { colourResolver } from './colours.ts';
import type { PlotEvents, PlotModel } from './model.ts';
import { plotOptions, shapeOf } from './options.ts';
import './plot.css';

const HEIGHT = 220;
/** Narrower than this nothing could be read. */
const LEAST_WIDTH = 160;

/** Set `model` to draw; the element fills the width that it is given and follows the theme. */
export class Plot extends HTMLElement {
  /** Called with what a person does in the plot. */
  events: PlotEvents = {};
  #model: PlotModel | undefined;
  #shape = '';
  #plot: uPlot | undefined;
  #cursor: number | undefined;
  #lastEvent: MouseEvent | undefined;
  readonly #resize = new ResizeObserver(() => {
    const width = this.#width;
    if (this.#plot !== undefined && this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
  });
  readonly #theme = new MutationObserver(() => {
    this.#draw();
  });
  readonly #forced = matchMedia('(forced-colors: active)');
  readonly #redraw = () => {
    this.#draw();
  };

  set model(model: PlotModel) {
    if (model === this.#model) return;
    const shape = shapeOf(model);
    const same = shape === this.#shape;
    this.#model = model;
    this.#shape = shape;
    if (same && this.#plot !== undefined) this.#plot.setData(dataOf(model));
    else this.#draw();
    this.#placeCursor();
  }

  /** Where the crosshair stands, in x; undefined: nowhere. */
  set cursor(x: number | undefined) {
    if (x === this.#cursor) return;
    this.#cursor = x;
    this.#placeCursor();
  }

  /** The plot as it was drawn last, without its crosshair. */
  get canvas(): HTMLCanvasElement | undefined {
    return this.#plot?.ctx.canvas;
  }

  connectedCallback(): void {
    this.#resize.observe(this);
    // VS Code changes the theme by the body's classes and the root's variables.
    this.#theme.observe(document.body, { attributeFilter: ['class'] });
    this.#theme.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
    this.#forced.addEventListener('change', this.#redraw);
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#resize.disconnect();
    this.#theme.disconnect();
    this.#forced.removeEventListener('change', this.#redraw);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  get #width(): number {
    return Math.max(LEAST_WIDTH, this.clientWidth);
  }

  #draw(): void {
    const model = this.#model;
    if (model === undefined || !this.isConnected) return;
    this.#plot?.destroy();
    const { fontFamily } = getComputedStyle(this);
    this.#plot = new uPlot(
      plotOptions({
        width: this.#width,
        height: HEIGHT,
        resolve: colourResolver(this),
        font: `11px ${fontFamily}`,
        model: () => this.#model ?? model,
        reset: () => this.events.reset?.(),
        hooks: {
          setCursor: [
            (plot) => {
              this.#pointed(plot);
            },
          ],
          setSelect: [
            (plot) => {
              this.#dragged(plot);
            },
          ],
        },
      }),
      dataOf(model),
      this,
    );
    this.#placeCursor();
  }

  #placeCursor(): void {
    const plot = this.#plot;
    if (plot === undefined) return;
    const left = this.#cursor === undefined ? -10 : plot.valToPos(this.#cursor, 'x');
    const inside = left >= 0 && left <= plot.over.clientWidth;
    // Without its hook: the pointer has not moved, the page says where the crosshair is.
    plot.setCursor({ left: inside ? left : -10, top: inside ? 0 : -10 }, false);
  }

  #pointed(plot: uPlot): void {
    // After new data uPlot says where the pointer is among them; only what the pointer itself did counts.
    if (plot.cursor.event === this.#lastEvent) return;
    this.#lastEvent = plot.cursor.event;
    const { left = -1 } = plot.cursor;
    const x = left < 0 ? undefined : plot.posToVal(left, 'x');
    if (x === this.#cursor) return;
    this.#cursor = x;
    this.events.cursor?.(x);
  }

  #dragged(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width <= 2) return;
    const from = plot.posToVal(left, 'x');
    const to = plot.posToVal(left + width, 'x');
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.zoom?.(from, to);
  }
}

function dataOf(model: PlotModel): uPlot.AlignedData {
  const { x, columns } = alignedData(model.lines, model.log === true);
  return [x, ...columns];
}
