// Entry point of the work of `prm` (cli.ts starts it): wires the process (arguments, signals, streams) to the commands.
import manifest from '../../package.json' with { type: 'json' };
import { COMMANDS } from './commands/index.ts';
import { endWithParent } from './commands/endWithParent.ts';
import { EXIT } from './commands/exit.ts';
import { reportFailure, runCommandLine } from './commands/run.ts';
import { giveSignsOfLife, hasTerminal, isSupervised } from './commands/supervise.ts';
import { messageOf, systemErrorCode } from './support/errors.ts';

const { stdout, stderr, env } = process;
const argv = process.argv.slice(2);

void run()
  .catch((error: unknown) => reportFailure(error, { stderr, environment: env }))
  .then((status) => {
    process.exitCode = status;
  });

/** @returns the exit status */
function run(): Promise<number> {
  const interrupted = new AbortController();
  if (isSupervised(env)) giveSignsOfLife();
  else endWithParent(() => interrupted.abort());

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(EXIT.cancelled);
      interrupted.abort();
      stderr.write('\nprm: stopping. Press Ctrl-C again to end at once.\n');
    });
  }

  // What no command caught, such as a failure inside a library's own callback.
  process.on('uncaughtException', (error) => {
    process.exit(reportFailure(error, { stderr, environment: env }));
  });

  // A reader that went away (`prm … | head`) is no failure: the work goes on, its output is dropped.
  for (const [stream, name] of [
    [stdout, 'output'],
    [stderr, 'messages'],
  ] as const) {
    stream.on('error', (error) => {
      if (systemErrorCode(error) === 'EPIPE') return;
      if (stream === stdout) stderr.write(`prm: the ${name} could not be written: ${messageOf(error)}\n`);
      process.exit(EXIT.unexpected);
    });
  }

  return runCommandLine(argv, COMMANDS, manifest.version, {
    signal: interrupted.signal,
    stdout,
    stderr,
    // `isTTY` is undefined on a pipe, which a colour library would take for its own guess.
    colour: !env.NO_COLOR && ((env.FORCE_COLOR ?? '0') !== '0' || Boolean(stdout.isTTY)),
    interactive: hasTerminal(stderr, env),
    environment: env,
  });
}
