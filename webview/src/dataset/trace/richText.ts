// Text from a dataset as templates: formulas drawn, equations and final answers marked. It only ever becomes text nodes.
import { html, nothing, type TemplateResult } from 'lit';
import './formula.ts';
import { piecesOf, type Mark, type Piece } from './marks.ts';

const SIGNS: Readonly<Record<Mark['kind'], string>> = { holds: '✓', fails: '✗', unsure: '?', answer: '' };
const WORDS: Readonly<Record<Mark['kind'], string>> = {
  holds: 'equation holds',
  fails: 'equation fails',
  unsure: 'equation not decided',
  answer: 'final answer',
};

/** A text of the row; `marks` have offsets into it. */
export function richText(text: string, marks: readonly Mark[] = []): TemplateResult[] {
  const pieces = piecesOf(text, marks);
  return pieces.map((part, index) => piece(besideDisplay(part, pieces[index - 1], pieces[index + 1])));
}

/** A displayed formula has a line of its own: the line breaks around it would add empty ones. */
function besideDisplay(part: Piece, before: Piece | undefined, after: Piece | undefined): Piece {
  if (part.formula !== undefined) return part;
  let { text } = part;
  if (after?.formula?.display === true) text = text.replace(/\n[ \t]*$/, '');
  if (before?.formula?.display === true) text = text.replace(/^[ \t]*\n/, '');
  return { ...part, text };
}

function piece(part: Piece): TemplateResult {
  const inside =
    part.formula === undefined
      ? html`${part.text}`
      : html`<prm-formula .content=${{ formula: part.formula, source: part.text }}></prm-formula>`;
  if (part.marks.length === 0) return inside;
  const kinds = [...new Set(part.marks.map(({ kind }) => kind))];
  // No space between the tags: the text keeps its white space on screen.
  return html`<span class=${`mark ${kinds.join(' ')}`} title=${part.marks.map(spoken).join('\n')}
    >${inside}${part.ending.map(ending)}</span
  >`;
}

function ending(mark: Mark): TemplateResult {
  const sign = SIGNS[mark.kind];
  return html`${sign === '' ? nothing : html`<span class="sign" aria-hidden="true">${sign}</span>`}<span
      class="spoken"
    >
      (${spoken(mark)})
    </span>`;
}

/** "equation fails: 48 / 2 is 24, not 25". */
export function spoken({ kind, words }: Mark): string {
  return words === '' || words === WORDS[kind] ? WORDS[kind] : `${WORDS[kind]}: ${words}`;
}
