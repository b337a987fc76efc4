// The content security policy of a webview page.

/**
 * Only the script with the nonce runs. Inline styles are allowed, since the component toolkit writes its design tokens
 * into style elements.
 * @param source where stylesheets and fonts come from: the webview's `cspSource`
 */
export function pagePolicy(nonce: string, source: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source} 'unsafe-inline'`,
    `font-src ${source}`,
  ].join('; ');
}
