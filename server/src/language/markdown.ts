// Markdown that shows text from documents and files as it is: nothing in it may become a link, a command or an image.

/** Every character that means something in Markdown or in the links that renderers find by themselves. */
const SPECIAL = /[!-/:-@[-`{-~]/g;

/** One line of plain text as Markdown. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(SPECIAL, '\\$&');
}

/** The first characters of a long text. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
