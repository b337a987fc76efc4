// Runs one command line: parses it, hands it to its command, and turns what is thrown into a message and a status.
import { Command as Program, CommanderError } from 'commander';
import { CancelledError, messageOf, PrmError } from '../support/errors.ts';
import { failureText } from '../support/toldFailure.ts';
import { TELL_PROGRESS } from '../support/toldProgress.ts';
import type { Command, CommandContext } from './command.ts';
import { EXIT } from './exit.ts';

/** `--max_examples=5` becomes `--max-examples=5`: options are accepted with dashes and underscores alike. */
export function withDashes(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((argument, index) => {
    if (!argument.startsWith('--') || (end >= 0 && index >= end)) return argument;
    const [name = '', ...value] = argument.split('=');
    return [name.replaceAll('_', '-'), ...value].join('=');
  });
}

/**
 * @param argv the arguments after the program's name
 * @returns the exit status: 0 done, 1 unexpected failure, 2 refused (bad input or usage), 130 cancelled
 */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  version: string,
  context: CommandContext,
): Promise<number> {
  const program = new Program('prm')
    .description('Format data for, train and use process reward models (PRMs): models that score each step.')
    .version(version, '-V, --version')
    .addHelpText(
      'after',
      '\nOptions may be written with dashes or underscores: --max-examples, --max_examples.',
    )
    .showHelpAfterError('(prm --help lists the commands and options)')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'prm: '));
      },
      getOutHasColors: () => context.colour,
    })
    .exitOverride();
  // A subcommand takes over the settings above when it is made, so they come first.
  for (const command of commands) command.register(program, context);
  try {
    await program.parseAsync(withDashes(argv), { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, context);
  }
}

/**
 * Says what went wrong, without a stack trace unless PRM_DEBUG=1.
 * @returns the exit status that belongs to it
 */
export function reportFailure(
  error: unknown,
  { stderr, environment }: Pick<CommandContext, 'stderr' | 'environment'>,
): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.refused;
  const debug = environment.PRM_DEBUG === '1' && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  if (error instanceof CancelledError) {
    stderr.write(`prm: ${error.message}${debug}\n`);
    return EXIT.cancelled;
  }
  if (error instanceof PrmError) {
    if (environment[TELL_PROGRESS] === '1') stderr.write(failureText(error));
    stderr.write(`prm: ${error.message}${debug}\n`);
    return EXIT.refused;
  }
  const hint = debug === '' ? ' Set PRM_DEBUG=1 to see where it happened.' : '';
  stderr.write(`prm: unexpected failure: ${messageOf(error)}.${hint}${debug}\n`);
  return EXIT.unexpected;
}
