// Entry point of the command line `prm`: small, since it also supervises. The work is done by commandLine.ts, in this
// process or, where it reads datasets, in one that may crash.
import { createRequire } from 'node:module';
import path from 'node:path';
import { DATASET_COMMANDS } from './commands/datasetCommands.ts';
import { endWithParent } from './commands/endWithParent.ts';
import { EXIT } from './commands/exit.ts';
import { hasTerminal, supervise } from './commands/supervise.ts';
import { messageOf, systemErrorCode } from './support/errors.ts';

const { stderr, env } = process;
const argv = process.argv.slice(2);
const script = path.join(import.meta.dirname, 'commandLine.cjs');

if (DATASET_COMMANDS.includes(argv[0] ?? '')) {
  const abandoned = new AbortController();
  endWithParent(() => abandoned.abort());
  // A reader that went away is no failure: the work is stopped, or goes on, without words.
  stderr.on('error', (error) => {
    if (systemErrorCode(error) !== 'EPIPE') throw error;
  });
  void supervise({
    script,
    argv,
    environment: env,
    stderr,
    interactive: hasTerminal(stderr, env),
    signal: abandoned.signal,
  })
    .catch((error: unknown) => {
      stderr.write(`prm: the work could not be started in a process of its own (${messageOf(error)}).\n`);
      return EXIT.unexpected;
    })
    .then((status) => {
      process.exitCode = status;
    });
} else {
  createRequire(import.meta.url)(script);
}
