// Keeps secrets out of texts that are shown or written down.

/** What stands in the place of a secret. */
const HIDDEN = '•••';

/** The text without the secrets, as they are and as JSON writes them. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    const written = JSON.stringify(secret).slice(1, -1);
    shown = shown.replaceAll(written, HIDDEN).replaceAll(secret, HIDDEN);
  }
  return shown;
}
