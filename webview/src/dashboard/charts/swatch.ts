// A short piece of a line as it is drawn, for legends.
import { html, svg, type TemplateResult } from 'lit';
import type { LineStyle, PlotForm } from '../../ui/plot/model.ts';

export function swatch({ colour, dash, width }: LineStyle, form: PlotForm = 'line'): TemplateResult {
  const isBar = form !== 'line';
  return html`<svg class="swatch" width="28" height="10" aria-hidden="true" style=${`color: ${colour}`}>
    ${
      isBar
        ? svg`<rect x="9" y="1" width="10" height="8" fill="currentColor" stroke="currentColor"
            fill-opacity=${dash.length === 0 ? 0.75 : 0.2}></rect>`
        : svg`<line x1="1" y1="5" x2="27" y2="5" stroke="currentColor" stroke-width=${width}
            stroke-dasharray=${dash.join(' ')}></line>`
    }
  </svg>`;
}
