// The HTML around a webview page: its script and stylesheet, and a policy that allows nothing else.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pagePolicy } from './pagePolicy.ts';

/**
 * @param pages folder of the page bundles
 * @param name the bundle's name without its ending
 */
export function pageHtml(webview: vscode.Webview, pages: vscode.Uri, name: string, title: string): string {
  const file = (ending: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(pages, `${name}.${ending}`)).toString();
  const nonce = randomBytes(16).toString('base64');
  const policy = pagePolicy(nonce, webview.cspSource);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="${file('css')}">
    <title>${title}</title>
  </head>
  <body>
    <script nonce="${nonce}" src="${file('js')}"></script>
  </body>
</html>`;
}
