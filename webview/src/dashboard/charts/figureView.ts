// A figure as a template: the plot with a read-out, a table on demand, and what can be taken away from it.
import { html, nothing, type TemplateResult } from 'lit';
import { rove } from '../../ui/roving.ts';
import { Plot } from '../../ui/plot/element.ts';
import { base64OfText, csvText } from '../files/csv.ts';
import { pngOfFigure } from '../files/png.ts';
import type { DashboardPage } from '../page.ts';
import { readingsAt, tableOf, TRAINING, type Figure, type Reading } from './figure.ts';
import { shownPlaces, wishOfPlotKey, ZOOM_KEYS, type PlotWish } from './keys.ts';
import { swatch } from './swatch.ts';

/** Explains the keys; the page has it once. */
export const KEYS_HELP = 'plot-keys';

/** @param fileName beginning of the names of files that are saved */
export function figureView(page: DashboardPage, figure: Figure, fileName: string): TemplateResult {
  const title = `figure-${figure.key}`;
  return html`<figure class="chart" aria-labelledby=${title}>
    <div class="chart-head">
      <h4 id=${title}>${figure.title}</h4>
      ${figure.nothing === undefined ? tools(page, figure, fileName) : nothing}
    </div>
    ${
      figure.nothing === undefined
        ? html`${drawing(page, figure)}${
            figure.note === undefined ? nothing : html`<p class="note">${figure.note}</p>`
          }${words(page, figure)}`
        : html`<p class="note nothing-drawn">${figure.nothing}</p>`
    }
  </figure>`;
}

function drawing(page: DashboardPage, figure: Figure): TemplateResult {
  // Asked again at each event, as the figure itself is: keys may come faster than frames.
  const cursorNow = () => (page.cursor?.group === figure.group ? page.cursor.x : undefined);
  const cursor = cursorNow();
  const readings = readingsAt(figure, cursor);
  const places = shownPlaces(figure);
  const at = cursor ?? places.at(-1) ?? 0;
  const place = cursor === undefined ? 'newest' : figure.place(cursor);
  // The last point of an evaluation's chart is no newer than its first.
  const valued = cursor !== undefined || figure.group === TRAINING;
  const send = (wish: PlotWish) => {
    if (wish.type === 'cursor') page.pointAt(figure.group, wish.x);
    else if (wish.type === 'zoom') page.zoomTo(wish.from, wish.to);
    else page.resetZoom();
  };
  return html`<prm-plot
      role="slider"
      tabindex="0"
      aria-label=${`${figure.title}: crosshair`}
      aria-describedby=${`summary-${figure.key}${figure.plot.zoomable === true ? ` ${KEYS_HELP}` : ''}`}
      aria-keyshortcuts=${figure.plot.zoomable === true ? ZOOM_KEYS : nothing}
      aria-valuemin=${places[0] ?? 0}
      aria-valuemax=${places.at(-1) ?? 0}
      aria-valuenow=${at}
      aria-valuetext=${`${place}: ${readings.map(spoken).join('; ')}`}
      .model=${figure.plot}
      .cursor=${cursor}
      .events=${{
        cursor: (x: number | undefined) => {
          send({ type: 'cursor', x });
        },
        zoom: (from: number, to: number) => {
          send({ type: 'zoom', from, to });
        },
        reset: () => {
          send({ type: 'reset' });
        },
      }}
      @keydown=${(event: KeyboardEvent) => {
        const wish = wishOfPlotKey(event, page.newest(figure), cursorNow());
        if (wish === undefined) return;
        event.preventDefault();
        send(wish);
      }}
      @focus=${() => {
        // What is read out must not change with every step of a run.
        if (cursorNow() === undefined) send({ type: 'cursor', x: places.at(-1) });
      }}
      @blur=${() => {
        send({ type: 'cursor', x: undefined });
      }}
    ></prm-plot>
    <div class="read-out">
      ${valued ? html`<span class="place">${place}</span>` : nothing}
      ${readings.map(
        (reading) =>
          html`<span class="reading"
            >${swatch(reading.plot.style, reading.plot.form)}
            ${reading.name}${valued ? html` <strong>${reading.value ?? 'n/a'}</strong>` : nothing}</span
          >`,
      )}
    </div>`;
}

function spoken({ name, value }: Reading): string {
  return `${name} ${value ?? 'not known'}`;
}

function words(page: DashboardPage, figure: Figure): TemplateResult {
  const part = `figures of ${figure.key}`;
  const open = page.kept.unfolded.includes(part);
  const id = `summary-${figure.key}`;
  return html`${open ? nothing : html`<p id=${id} class="heard">${figure.summary}</p>`}
    <details
      ?open=${open}
      @toggle=${(event: Event) => {
        page.unfold(part, (event.target as HTMLDetailsElement).open);
      }}
    >
      <summary>In words and numbers<span class="heard">: ${figure.title}</span></summary>
      ${
        open
          ? html`<p id=${id}>${figure.summary}</p>
              ${table(figure)}`
          : nothing
      }
    </details>`;
}

function table(figure: Figure): TemplateResult {
  const { head, rows, left } = tableOf(figure);
  return html`<div class="wide" tabindex="0" role="region" aria-label=${`Numbers of ${figure.title}`}>
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([place, ...cells]) =>
              html`<tr>
                <th scope="row">${place}</th>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${left > 0 ? html`<p class="note">${left} more points: the CSV file has all that the chart shows.</p>` : nothing}`;
}

function tools(page: DashboardPage, figure: Figure, fileName: string): TemplateResult {
  const button = (words: string, name: string, index: number, act: (event: Event) => void) =>
    html`<button class="tool" tabindex=${index === 0 ? 0 : -1} title=${name} aria-label=${name} @click=${act}>
      ${words}
    </button>`;
  return html`<div class="tools" role="toolbar" aria-label=${`Take along: ${figure.title}`} @keydown=${rove}>
    ${button('Copy', 'Copy as CSV', 0, () => {
      page.act({ type: 'copy', text: csvText(figure.csv()) });
    })}
    ${button('CSV…', 'Save as CSV…', 1, () => {
      const base64 = base64OfText(csvText(figure.csv()));
      page.act({ type: 'save', name: `${fileName}-${figure.key}.csv`, mediaType: 'text/csv', base64 });
    })}
    ${button('PNG…', 'Save as PNG…', 2, (event) => {
      const plot = (event.target as HTMLElement).closest('figure')?.querySelector('prm-plot');
      const base64 = plot instanceof Plot ? pngOfFigure(plot, figure) : undefined;
      if (base64 === undefined) return;
      page.act({ type: 'save', name: `${fileName}-${figure.key}.png`, mediaType: 'image/png', base64 });
    })}
  </div>`;
}
