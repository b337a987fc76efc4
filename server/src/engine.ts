// Entry point of the scoring engine: a forked process that holds ONNX Runtime and one PRM, and ends with its parent.
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { serveEngine } from './scoring/engineServer.ts';

if (process.send === undefined) {
  process.stderr.write('The scoring engine is started by `prm score` and by the editor, not by hand.\n');
  process.exit(2);
}

// Ctrl-C goes to every process of a terminal; the parent decides what it means.
process.on('SIGINT', () => undefined);
// The parent went away, however it ended: so does the engine.
process.on('disconnect', () => process.exit(0));

serveEngine(createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process)));
