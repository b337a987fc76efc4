// The commands of `prm`, in the order of its help. A new command is one file and one line here.
import { cacheCommand } from './cache.ts';
import type { Command } from './command.ts';
import { devicesCommand } from './devices.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { exportModelCommand } from './exportModel.ts';
import { formatCommand } from './format.ts';
import { generateCommand } from './generate.ts';
import { inspectCommand } from './inspect.ts';
import { labelCommand } from './label.ts';
import { scoreCommand } from './score.ts';
import { trainCommand } from './train.ts';

export const COMMANDS: readonly Command[] = [
  inspectCommand,
  formatCommand,
  exportCommand,
  generateCommand,
  labelCommand,
  cacheCommand,
  trainCommand,
  scoreCommand,
  evaluateCommand,
  exportModelCommand,
  devicesCommand,
];
