// Entry point of the language server: wires the process's connection to the features.
import path from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startLanguageServer } from './language/server.ts';

const connection = createConnection(ProposedFeatures.all);
const bundle = (name: string): string => path.join(import.meta.dirname, name);

startLanguageServer(connection, {
  engine: bundle('engine.cjs'),
  cli: bundle('cli.cjs'),
  formatWorker: bundle('formatWorker.cjs'),
  datasetProcess: bundle('datasetProcess.cjs'),
});
connection.listen();
