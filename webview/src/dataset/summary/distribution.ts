// A histogram as rows of bars: each row is a button that shows the rows of the file it counts, where such a filter exists.
// A picture with a description in words; the figures are one press away.
import { html, nothing, type TemplateResult } from 'lit';
import type { Spread } from '../../../../protocol/src/datasetSummary.ts';
import type { RowCondition } from '../../../../protocol/src/datasets.ts';
import { count, counted, portion, short } from '../../ui/format.ts';
import { rove } from '../../ui/roving.ts';
import type { SummaryWish } from './model.ts';

export interface Distribution {
  title: string;
  spread: Spread;
  /** What is counted: `path`, `step`. */
  of: string;
  /** The rows with a value from `from` to `to`, both included; missing: no filter exists. */
  condition?: (from: number, to: number) => RowCondition;
}

interface Bin {
  from: number;
  /** Included: all values are whole numbers. */
  to: number;
  count: number;
}

export function distributionView(
  distribution: Distribution,
  send: (wish: SummaryWish) => void,
): TemplateResult {
  const { title, spread, of, condition } = distribution;
  const bins = binsOf(spread);
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  return html`<figure class="distribution">
    <figcaption>
      <h4>${title}</h4>
      <p class="note">${range(spread)}.${tail(bins)}</p>
    </figcaption>
    ${
      condition === undefined
        ? picture(distribution, bins, total, most)
        : html`<div
            class="bars"
            role="toolbar"
            @keydown=${rove}
            aria-label=${describe(distribution, bins, total)}
          >
            ${bins.map(
              (bin, index) =>
                html`<button
                  class="bar"
                  tabindex=${index === 0 ? 0 : -1}
                  title=${`${words(bin)}: ${counted(bin.count, of)}. Press to show the rows.`}
                  aria-label=${`${words(bin)}: ${counted(bin.count, of)}, ${portion(share(bin, total))}. Show the rows`}
                  @click=${() => {
                    send({ type: 'filter', condition: condition(bin.from, bin.to) });
                  }}
                >
                  ${column(bin, most)}
                </button>`,
            )}
          </div>`
    }
    ${axis(bins)} ${figures(distribution, bins, total)}
  </figure>`;
}

function picture(distribution: Distribution, bins: Bin[], total: number, most: number): TemplateResult {
  return html`<div class="bars" role="img" aria-label=${describe(distribution, bins, total)}>
    ${bins.map(
      (bin) =>
        html`<span class="bar" title=${`${words(bin)}: ${counted(bin.count, distribution.of)}`}
          >${column(bin, most)}</span
        >`,
    )}
  </div>`;
}

/** Something is always drawn where something was counted. */
function column(bin: Bin, most: number): TemplateResult {
  const height = bin.count === 0 ? 0 : Math.max(2, (100 * bin.count) / most);
  return html`<span class="column" style=${`block-size: ${height}%`}></span>`;
}

function axis(bins: Bin[]): TemplateResult | typeof nothing {
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined) return nothing;
  return html`<div class="axis" aria-hidden="true">
    <span>${count(first.from)}</span><span>${count(last.to)}</span>
  </div>`;
}

function figures({ title, of }: Distribution, bins: Bin[], total: number): TemplateResult {
  return html`<details>
    <summary>Figures<span class="spoken"> of ${title}</span></summary>
    <table>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col">Number of ${of}s</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        ${bins.map(
          (bin) =>
            html`<tr>
              <td>${count(bin.from)}</td>
              <td>${count(bin.to)}</td>
              <td>${count(bin.count)}</td>
              <td>${portion(share(bin, total))}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

/** Edges are whole numbers or lie between them; the values counted are whole. */
function binsOf({ histogram: { edges, counts }, max }: Spread): Bin[] {
  return counts.map((number, index) => {
    const from = Math.ceil(edges[index] ?? 0);
    const behind = Math.ceil(edges[index + 1] ?? from + 1);
    const last = index === counts.length - 1;
    return { from, to: last ? Math.max(from, max) : Math.max(from, behind - 1), count: number };
  });
}

/** "1 to 44, median 5, mean 5.17". */
function range({ min, median, medianAbout, mean, max }: Spread): string {
  const about = medianAbout === true ? 'about ' : '';
  return `${short(min)} to ${short(max)}, median ${about}${short(median)}, mean ${short(mean)}`;
}

/** The bars are equally wide on screen; the last one may stand for a long tail. */
function tail(bins: Bin[]): string {
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined || last.to - last.from <= 2 * (first.to - first.from + 1))
    return '';
  return ` The last bar is ${words(last)}.`;
}

function words({ from, to }: Bin): string {
  return from === to ? count(from) : `${count(from)} to ${count(to)}`;
}

function share(bin: Bin, total: number): number | null {
  return total === 0 ? null : bin.count / total;
}

/** What a screen reader says in place of the picture. */
function describe({ title, spread, of }: Distribution, bins: Bin[], total: number): string {
  const tallest = bins.reduce<Bin | undefined>(
    (best, bin) => (best === undefined || bin.count > best.count ? bin : best),
    undefined,
  );
  const top =
    tallest === undefined || total === 0
      ? ''
      : ` Most are at ${words(tallest)}: ${counted(tallest.count, of)}, ${portion(share(tallest, total))}.`;
  return `${title}: ${counted(total, of)}, ${range(spread)}.${top}`;
}
