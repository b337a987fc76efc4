// What a command of `prm` is: one file, listed in commands/index.ts.
import type { Command as CommanderCommand } from 'commander';

/** What a command may use of the world around it. */
export interface CommandContext {
  /** Aborted by the first Ctrl-C (or SIGTERM); a command then stops cleanly with a CancelledError. */
  readonly signal: AbortSignal;
  /** Results: what a person may pipe into another program. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, warnings and errors. */
  readonly stderr: NodeJS.WritableStream;
  /** Whether stdout shows colours (a terminal, or FORCE_COLOR; never with NO_COLOR). */
  readonly colour: boolean;
  /** Whether stderr is a terminal: progress lines are drawn only then. */
  readonly interactive: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Command {
  readonly name: string;
  /**
   * Declares the command, its options and its action. Options are declared with dashes; underscores are accepted
   * too. Must be quick, since it runs for every command: import heavy modules inside the action.
   */
  register(program: CommanderCommand, context: CommandContext): void;
}
