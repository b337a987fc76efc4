// `prm generate sample`: several solutions of every problem from a model server.
import { Option } from 'commander';
import { estimateSamples, sampleDatasets } from '../../generation/sampleDatasets.ts';
import { sampleDefaults } from '../../generation/sampling/sampleOptions.ts';
import type { SamplerCounts } from '../../generation/sampling/sampler.ts';
import type { Command, CommandContext } from '../command.ts';
import { collect, integerAbove } from '../options.ts';
import { ProgressLine } from '../progressLine.ts';
import { SamplingRate } from '../samplingRate.ts';
import { addServerOptions, MODEL_HELP, type ParsedServerOptions } from '../serverOptions.ts';
import { printSampleCost, printSampleSummary } from './sampleScreen.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions extends ParsedServerOptions {
  server: string;
  model: string;
  outputDir: string;
  numSamplesPerProblem: number;
  maxProblems?: number;
  stop?: string[];
  instruction: string;
  json?: boolean;
  overwrite?: boolean;
}

export const sampleCommand: Command = {
  name: 'sample',
  register(program, context) {
    const command = program
      .command('sample')
      .description(
        'Ask a model server (vLLM, llama.cpp, Ollama, any OpenAI-compatible API) for several solutions of every problem. ' +
          'Answers are kept: the same command asks for nothing twice, and goes on where it was stopped.',
      )
      .argument('<dataset...>', 'problems in any layout: files, or names on the Hugging Face Hub')
      .requiredOption('--server <address>', 'base address of the API, such as http://127.0.0.1:8000/v1')
      .requiredOption('--model <name>', MODEL_HELP)
      .requiredOption('--output-dir <folder>', 'where samples.jsonl and generation_info.json go')
      .option(
        '--num-samples-per-problem <n>',
        'solutions to ask for',
        integerAbove(0),
        sampleDefaults.numSamplesPerProblem,
      )
      .option('--max-problems <n>', 'problems to take, from the first on (default: all)', integerAbove(0))
      .option(
        '--stop <text>',
        'ends a solution; may be given several times',
        collect((text) => text),
      )
      .addOption(
        new Option('--instruction <text>', 'what the model is told before each problem').default(
          sampleDefaults.instruction,
          'steps on lines of their own, the answer behind ####',
        ),
      );
    addServerOptions(command, sampleDefaults)
      .option('--json', 'print the report as JSON')
      .option('--overwrite', 'replace the files where they exist')
      .action(async (datasets: string[], { json, ...options }: ParsedOptions) => {
        const { signal, environment } = context;
        const progress = new ProgressLine(context, 'Sampling');
        const given = { ...options, datasets };
        const hooks = { signal, environment, onDownload: progress.hooks.onDownload };
        const show = <T extends object>(result: T, asText: (result: T, to: CommandContext) => void): void => {
          progress.clear();
          if (json === true) context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
          else asText(result, context);
        };
        try {
          if (options.dryRun === true) return show(await estimateSamples(given, hooks), printSampleCost);
          const rate = new SamplingRate();
          const onProgress = (counts: SamplerCounts): void => {
            progress.update(counts.done, counts.wanted, ...rate.update(counts));
          };
          show(await sampleDatasets(given, { ...hooks, onProgress }), printSampleSummary);
        } finally {
          progress.clear();
        }
      });
  },
};
