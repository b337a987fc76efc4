// LaTeX from a dataset, drawn by KaTeX under bounds: it cannot link, load, define, or take long. CSS (trace.css) keeps it
// inside its box, and takes its colours away, which would be unreadable in half of the themes.
import katex from 'katex';
import 'katex/dist/katex.min.css';
import type { Formula } from './segments.ts';

/** Expansions of KaTeX's own macros (\implies, \bmod, …). */
const MOST_EXPANSIONS = 500;
/** Of one length, ems; negative ones are only clipped. */
const LARGEST_SIZE = 15;
/**
 * Groups inside each other. Deeper ones exist only to exhaust the parser's stack; real ones have fewer than ten levels.
 */
const DEEPEST = 60;

/**
 * A short definition that is used often makes a formula of any length: 1,600 characters took KaTeX a minute, and
 * `maxExpand` counts uses, not what comes out.
 */
const DEFINES = /\\(?:[egx]?def|(?:re)?newcommand|providecommand|(?:future)?let|global|long)(?![A-Za-z])/;

/**
 * Draws a formula into the element, in place of what is there.
 * @returns why it cannot be drawn; the element is as it was then
 */
export function drawFormula({ tex, display }: Formula, into: HTMLElement): string | undefined {
  if (DEFINES.test(tex)) return 'it defines commands';
  if (depth(tex) > DEEPEST) return `its groups lie more than ${DEEPEST} levels deep`;
  const box = document.createElement('span');
  try {
    katex.render(withoutComments(tex), box, {
      displayMode: display,
      throwOnError: true,
      // Thrown, so that the source stays on screen: KaTeX alone would show the command's name and drop the rest.
      trust: ({ command }) => {
        throw new Error(`${command} is not drawn`);
      },
      // Real data is loose (Unicode in math mode, \\ in display mode); only what touches the page is refused.
      strict: (code: string) => (code === 'htmlExtension' ? 'error' : 'ignore'),
      maxExpand: MOST_EXPANSIONS,
      maxSize: LARGEST_SIZE,
    });
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^KaTeX parse error: /, '') : String(error);
  }
  into.replaceChildren(...box.childNodes);
  return undefined;
}

/** In data, "50%" is a percentage; LaTeX would drop the rest of the line as a comment. */
function withoutComments(tex: string): string {
  return tex.replace(/(?<!\\)%/g, '\\%');
}

function depth(tex: string): number {
  let open = 0;
  let most = 0;
  for (const [opener] of tex.matchAll(
    /\\[{}]|[{}]|\\(?:left|right|begin|end|begingroup|endgroup)(?![A-Za-z])/g,
  )) {
    if (opener === '{' || opener === '\\left' || opener === '\\begin' || opener === '\\begingroup') open++;
    else if (opener !== '\\{' && opener !== '\\}') open--;
    most = Math.max(most, open);
  }
  return most;
}
