// Options of the commands that ask a model server: how to sample, how much to pay, where answers are kept.
import { Option, type Command as CommanderCommand } from 'commander';
import { LAYOUTS, type LayoutName } from '../../../protocol/src/datasets.ts';
import { integerAbove, numberBetween, numberFrom } from './options.ts';

/** What commander makes of the options declared below. */
export interface ParsedServerOptions {
  layout?: LayoutName;
  temperature: number;
  topP: number;
  maxTokens: number;
  seed: number;
  samplesPerRequest: number;
  concurrency: number;
  budgetTokens?: number;
  budgetRequests?: number;
  timeout: number;
  cacheDir?: string;
  forceRegenerate?: boolean;
  dryRun?: boolean;
}

export type ServerDefaults = Pick<
  ParsedServerOptions,
  'temperature' | 'topP' | 'maxTokens' | 'seed' | 'samplesPerRequest' | 'concurrency' | 'timeout'
>;

/** Of `--model`, wherever it is declared. */
export const MODEL_HELP =
  'as the server calls it; answers are kept by this name, whatever the address: the same model at another address is not asked again';

/** Of `--cache-dir`, wherever it is declared. */
export const CACHE_DIR_HELP = "where answers are kept (default: PRM_CACHE, or the user's cache folder)";

/** Adds them behind the command's own options, and says in its help where the key comes from. */
export function addServerOptions(command: CommanderCommand, defaults: ServerDefaults): CommanderCommand {
  addSamplingOptions(command, defaults);
  addPaymentOptions(command, defaults);
  return command
    .addOption(
      new Option('--layout <name>', 'how the datasets write their rows (default: found out)').choices(
        LAYOUTS,
      ),
    )
    .addHelpText('after', '\nA key is read from PRM_API_KEY or OPENAI_API_KEY, never from the command line.');
}

/** What an answer depends on. */
function addSamplingOptions(command: CommanderCommand, defaults: ServerDefaults): void {
  command
    .option('--temperature <t>', 'of the sampling', numberFrom(0), defaults.temperature)
    .option('--top-p <p>', 'of the sampling', numberBetween(0, 1), defaults.topP)
    .option('--max-tokens <n>', 'most tokens of one answer', integerAbove(0), defaults.maxTokens)
    .option('--seed <n>', 'of the first sample; each further one adds one', integerAbove(-1), defaults.seed);
}

/** What the answers may cost, and where they are kept. */
function addPaymentOptions(command: CommanderCommand, defaults: ServerDefaults): void {
  command
    .option(
      '--samples-per-request <n>',
      'samples of one prompt to ask for at once, where the server can; only the first has a seed of its own then',
      integerAbove(0),
      defaults.samplesPerRequest,
    )
    .option(
      '--concurrency <n>',
      'most requests at once; fewer where the server is busy',
      integerAbove(0),
      defaults.concurrency,
    )
    .option(
      '--budget-tokens <n>',
      'no request is sent once the server has counted so many tokens; those under way are waited for (default: no limit)',
      integerAbove(0),
    )
    .option(
      '--budget-requests <n>',
      'most requests that this run may send (default: no limit)',
      integerAbove(0),
    )
    .option(
      '--timeout <seconds>',
      'longest wait for the next piece of an answer; signs of life without content do not count',
      numberFrom(0.1),
      defaults.timeout,
    )
    .option('--cache-dir <folder>', CACHE_DIR_HELP)
    .option('--force-regenerate', 'ask again even where an answer is kept')
    .option('--dry-run', 'only say what it may cost; nobody is asked');
}
