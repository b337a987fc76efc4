// `prm generate sample`: several solutions of every problem from a model server.
import { Option } from 'commander';
import { LAYOUTS, type LayoutName } from '../../../../protocol/src/datasets.ts';
import { sampleDatasets } from '../../generation/sampleDatasets.ts';
import { sampleDefaults } from '../../generation/sampling/sampleOptions.ts';
import type { SamplerCounts } from '../../generation/sampling/sampler.ts';
import type { Command } from '../command.ts';
import { collect, integerAbove, numberBetween, numberFrom } from '../options.ts';
import { ProgressLine } from '../progressLine.ts';
import { printSampleSummary } from './sampleScreen.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions {
  server: string;
  model: string;
  outputDir: string;
  numSamplesPerProblem: number;
  maxProblems?: number;
  temperature: number;
  topP: number;
  maxTokens: number;
  stop?: string[];
  instruction: string;
  seed: number;
  concurrency: number;
  budgetTokens?: number;
  budgetRequests?: number;
  timeout: number;
  cacheDir?: string;
  forceRegenerate?: boolean;
  layout?: LayoutName;
  json?: boolean;
  overwrite?: boolean;
}

export const sampleCommand: Command = {
  name: 'sample',
  register(program, context) {
    program
      .command('sample')
      .description(
        'Ask a model server (vLLM, llama.cpp, Ollama, any OpenAI-compatible API) for several solutions of every problem. ' +
          'Answers are kept: the same command asks for nothing twice, and goes on where it was stopped.',
      )
      .argument('<dataset...>', 'problems in any layout: files, or names on the Hugging Face Hub')
      .requiredOption('--server <address>', 'base address of the API, such as http://127.0.0.1:8000/v1')
      .requiredOption('--model <name>', 'as the server calls it')
      .requiredOption('--output-dir <folder>', 'where samples.jsonl and generation_info.json go')
      .option(
        '--num-samples-per-problem <n>',
        'solutions to ask for',
        integerAbove(0),
        sampleDefaults.numSamplesPerProblem,
      )
      .option('--max-problems <n>', 'problems to take, from the first on (default: all)', integerAbove(0))
      .option('--temperature <t>', 'of the sampling', numberFrom(0), sampleDefaults.temperature)
      .option('--top-p <p>', 'of the sampling', numberBetween(0, 1), sampleDefaults.topP)
      .option('--max-tokens <n>', 'most tokens of one solution', integerAbove(0), sampleDefaults.maxTokens)
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
      )
      .option(
        '--seed <n>',
        'of the first sample of a problem; each further one adds one',
        integerAbove(-1),
        sampleDefaults.seed,
      )
      .option(
        '--concurrency <n>',
        'most requests at once; fewer where the server is busy',
        integerAbove(0),
        sampleDefaults.concurrency,
      )
      .option(
        '--budget-tokens <n>',
        'most tokens that this run may cost (default: no limit)',
        integerAbove(0),
      )
      .option(
        '--budget-requests <n>',
        'most requests that this run may send (default: no limit)',
        integerAbove(0),
      )
      .option(
        '--timeout <seconds>',
        'longest wait for the next piece of an answer',
        numberFrom(0.1),
        sampleDefaults.timeout,
      )
      .option(
        '--cache-dir <folder>',
        "where answers are kept (default: PRM_CACHE, or the user's cache folder)",
      )
      .option('--force-regenerate', 'ask again even where an answer is kept')
      .addOption(
        new Option('--layout <name>', 'how the datasets write their rows (default: found out)').choices(
          LAYOUTS,
        ),
      )
      .option('--json', 'print the report as JSON')
      .option('--overwrite', 'replace the files where they exist')
      .addHelpText(
        'after',
        '\nA key is read from PRM_API_KEY or OPENAI_API_KEY, never from the command line.',
      )
      .action(async (datasets: string[], { json, ...options }: ParsedOptions) => {
        const progress = new ProgressLine(context, 'Sampling');
        const summary = await sampleDatasets(
          { ...options, datasets },
          {
            signal: context.signal,
            environment: context.environment,
            onDownload: progress.hooks.onDownload,
            onProgress: (counts) => {
              progress.update(counts.done, counts.wanted, costText(counts));
            },
          },
        ).finally(() => {
          progress.clear();
        });
        if (json === true) context.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
        else printSampleSummary(summary, context);
      });
  },
};

function costText({ cached, promptTokens, completionTokens, limit }: SamplerCounts): string {
  const tokens = (promptTokens + completionTokens).toLocaleString('en');
  return `${cached.toLocaleString('en')} from the cache, ${tokens} tokens, ${limit} at once`;
}
