// What a person sees of a dataset that is open as text: diagnostics, code lenses, outline, folding.
import type {
  CodeLens,
  Diagnostic,
  DocumentSymbol,
  FoldingRange,
  PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import type { NotificationName } from '../../../protocol/src/requests.ts';
import type { Editor, OpenDocument } from './editor.ts';

const DIAGNOSTICS: NotificationName<PublishDiagnosticsParams> = { method: 'textDocument/publishDiagnostics' };

/** Waits for diagnostics of the document that the condition accepts, ones that came already included. */
export async function diagnosticsOf(
  editor: Editor,
  { uri }: OpenDocument,
  accept: (diagnostics: Diagnostic[]) => boolean = (diagnostics) => diagnostics.length > 0,
): Promise<Diagnostic[]> {
  // The latest count: what was published before is not on screen any more.
  const isLatest = (params: PublishDiagnosticsParams): boolean =>
    editor.seen(DIAGNOSTICS).findLast((each) => each.uri === uri) === params && accept(params.diagnostics);
  return (await editor.until(DIAGNOSTICS, isLatest)).diagnostics;
}

/** Everything published for the document so far. */
export function publishedFor(editor: Editor, { uri }: OpenDocument): PublishDiagnosticsParams[] {
  return editor.seen(DIAGNOSTICS).filter((each) => each.uri === uri);
}

export async function lensesOf(editor: Editor, { uri }: OpenDocument): Promise<CodeLens[]> {
  return (await editor.ask<CodeLens[] | null>('textDocument/codeLens', { textDocument: { uri } })) ?? [];
}

export async function symbolsOf(editor: Editor, { uri }: OpenDocument): Promise<DocumentSymbol[]> {
  const symbols = await editor.ask<DocumentSymbol[] | null>('textDocument/documentSymbol', {
    textDocument: { uri },
  });
  return symbols ?? [];
}

export function foldingOf(editor: Editor, { uri }: OpenDocument): Promise<FoldingRange[] | null> {
  return editor.ask<FoldingRange[] | null>('textDocument/foldingRange', { textDocument: { uri } });
}
