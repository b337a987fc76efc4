// Entry point of a dataset process: reads one dataset file for the language server, and ends with it.
import path from 'node:path';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { serveDataset } from './datasetServer.ts';

if (process.send === undefined) {
  process.stderr.write('The dataset process is started by the editor, not by hand.\n');
  process.exit(2);
}

// Ctrl-C goes to every process of a terminal; the parent decides what it means.
process.on('SIGINT', () => undefined);
// The parent went away, however it ended: nobody wants the rows.
process.on('disconnect', () => process.exit(0));

serveDataset(
  createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process)),
  path.join(import.meta.dirname, 'datasetScan.cjs'),
);
