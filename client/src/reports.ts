// Reports as read-only documents: nothing to save, nothing to throw away.
import * as vscode from 'vscode';

const SCHEME = 'prm-report';

/** Text of the reports, by the URI's path: as long as the window lives. */
const reports = new Map<string, string>();

export function provideReports(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) =>
      reports.get(uri.path) ?? 'This report is gone. Run its command again.',
  });
}

/** Opens plain text under a name; the same name again gives a new document. */
export async function showReport(name: string, text: string): Promise<void> {
  const path = `/${reports.size + 1}/${name}`;
  reports.set(path, text);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: SCHEME, path }));
  await vscode.window.showTextDocument(document, { preview: true });
}
