// `prm train`: trains a model on formatted data, or goes on with a run, and shows how it gets on.
import { Option, type Command as Program } from 'commander';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { CancelledError, PrmError } from '../support/errors.ts';
import { optionDeclarations, type OptionDeclaration, type TrainOptions } from '../training/options.ts';
import type { TrainHooks } from '../training/train.ts';
import { describeData, describeEvaluation, finalTable, SmoothedSteps } from '../training/trainText.ts';
import type { Command, CommandContext } from './command.ts';
import { collect } from './options.ts';
import { printFormatReport } from './formatScreen.ts';
import { RunScreen } from './runScreen.ts';

export const trainCommand: Command = {
  name: 'train',
  register(program, context) {
    const command = program
      .command('train')
      .description('Train a process reward model on what `prm format` made, or on a dataset.');
    const declarations = optionDeclarations();
    for (const option of declarations) declare(command, option);
    const group = `${declarations.at(-1)?.group ?? ''}:`;
    command
      .addOption(
        new Option(
          '--dry-run',
          'say what the run would train, hold in memory and take in time, and what usual models take here; nothing is written',
        ).helpGroup(group),
      )
      .addOption(new Option('--json', 'with --dry-run: print one JSON object').helpGroup(group));
    command.action(async () => {
      const given = givenOptions(command, declarations);
      const { dryRun = false, json = false } = command.opts<{ dryRun?: boolean; json?: boolean }>();
      if (json && !dryRun) {
        throw new PrmError({ what: '--json has no effect without --dry_run', remedy: 'Leave it out.' });
      }
      await (dryRun ? planTraining(given, json, context) : runTraining(given, context));
    });
  },
};

/** Options as commander declares them, under the headings of their groups. */
function declare(
  command: Program,
  { name, value, kind, default: initial, help, group }: OptionDeclaration,
): void {
  const dashed = name.replaceAll('_', '-');
  const on = kind === 'switch' && initial === true;
  const flag = kind === 'switch' ? `--${on ? 'no-' : ''}${dashed}` : `--${dashed} <${value ?? name}>`;
  const text = kind === 'switch' || initial === undefined ? help : `${help} (default: ${initial})`;
  const option = new Option(flag, text).helpGroup(`${group}:`);
  if (kind === 'texts' || kind === 'numbers') option.argParser(collect((given) => given));
  command.addOption(option);
}

/** What was typed, without defaults: a resumed run takes the rest from its own configuration. */
function givenOptions(command: Program, declarations: readonly OptionDeclaration[]): TrainOptions {
  const given: Record<string, unknown> = {};
  for (const { name, kind } of declarations) {
    const attribute = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (command.getOptionValueSource(attribute) !== 'cli') continue;
    given[name] = valueOf(command.getOptionValue(attribute), kind);
  }
  // train() checks every value; what it refuses is named as it was typed.
  return given as unknown as TrainOptions;
}

/** @param typed a text, the texts of an option that was given several times, or a switch's value */
function valueOf(typed: unknown, kind: OptionDeclaration['kind']): unknown {
  const texts = Array.isArray(typed) ? typed.map(String) : [];
  switch (kind) {
    case 'number':
      return typeof typed === 'string' ? numberOf(typed) : typed;
    case 'numbers': {
      const numbers = texts.flatMap((text) => text.split(',')).map((text) => numberOf(text.trim()));
      return numbers.length === 1 ? numbers[0] : numbers;
    }
    case 'texts':
      return texts.length === 1 ? texts[0] : texts;
    case 'words':
      return typeof typed === 'string' ? typed.split(',').map((word) => word.trim()) : typed;
    case 'text':
    case 'switch':
      return typed;
  }
}

/** The number that a text spells, or the text, which the checks then refuse by name. */
function numberOf(text: string): number | string {
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

function parametersText(trained: number): string {
  const count = trained < 1e5 ? trained.toLocaleString('en-US') : `${(trained / 1e6).toFixed(1)} M`;
  return `${count} parameters trained`;
}

async function planTraining(given: TrainOptions, json: boolean, context: CommandContext): Promise<void> {
  if (given.resume === true) {
    throw new PrmError({
      what: '--dry_run and --resume contradict each other',
      remedy: 'Leave one of them out.',
    });
  }
  const { dryRun } = await import('../training/dryRun.ts');
  const { describeDryRun } = await import('../training/dryRunText.ts');
  const screen = new RunScreen(context);
  const run = await dryRun({ ...given, output_dir: given.output_dir || '.' }, hooks(screen, context)).finally(
    () => screen.clear(),
  );
  context.stdout.write(json ? `${JSON.stringify(run, null, 2)}\n` : describeDryRun(run));
}

async function runTraining(given: TrainOptions, context: CommandContext): Promise<void> {
  // Loads the runtime: only when there is something to train.
  const { train, resumeCommand } = await import('../training/train.ts');
  const screen = new RunScreen(context);
  const outcome = await train(given, hooks(screen, context)).finally(() => screen.clear());
  if (outcome.state === 'stopped') {
    throw new CancelledError(
      `Stopped after step ${outcome.step} of ${outcome.totalSteps}; a checkpoint is kept. ` +
        `Go on with: ${resumeCommand(outcome.folder)}`,
    );
  }
  context.stdout.write(`\n${finalTable(outcome)}\n`);
  context.stdout.write(`Model: ${outcome.folder}/best_model\n`);
}

function hooks(screen: RunScreen, context: CommandContext): TrainHooks {
  const smoothed = new SmoothedSteps();
  let phase = '';
  return {
    signal: context.signal,
    environment: context.environment,
    onNotice: (message) => screen.print(`note: ${message}`),
    onPhase: ({ name, done, total }) => {
      const share =
        total === undefined ? done.toLocaleString('en-US') : `${Math.round((100 * done) / total)} %`;
      if (name !== phase) screen.begin(name);
      else screen.show(`${name}: ${share}`);
      phase = name;
    },
    onFormatted: (report) => {
      screen.clear();
      printFormatReport(report, context);
    },
    onData: ({ train, validation }) => {
      screen.clear();
      screen.print(describeData('training', train));
      if (validation.paths > 0) screen.print(describeData('validation', validation));
    },
    onEvent: (event: RunEvent) => {
      switch (event.type) {
        case 'start':
          screen.print(
            `${parametersText(event.parameters)} on ${event.device}, ` +
              (event.fromStep === 0 ? '' : `going on after step ${event.fromStep}, `) +
              `${event.totalSteps} steps` +
              (event.stages === undefined
                ? ''
                : ` (${event.stages.map(({ name, steps }) => `${name} ${steps}`).join(', then ')})`),
          );
          return;
        case 'step':
          screen.progress(smoothed.describe(event));
          return;
        case 'evaluation':
          screen.print(describeEvaluation(event));
          return;
        case 'end':
          if (event.state === 'done' && event.message !== undefined) screen.print(event.message);
          return;
        case 'checkpoint':
          return;
      }
    },
  };
}
