// `prm generate`: makes training data. One subcommand a way of making it, one file each.
import type { Command } from './command.ts';
import { corruptCommand } from './generate/corrupt.ts';
import { sampleCommand } from './generate/sample.ts';

const WAYS: readonly Command[] = [corruptCommand, sampleCommand];

export const generateCommand: Command = {
  name: 'generate',
  register(program, context) {
    const generate = program
      .command('generate')
      .description('Make training data: from correct solutions, or with a model server.');
    for (const way of WAYS) way.register(generate, context);
  },
};
