// `prm export`: writes datasets of any layout as one file of another.
import { Option } from 'commander';
import { EXPORT_FILE_FORMATS, exportTraces, type ExportFileFormat } from '../datasets/export/exportTraces.ts';
import { EXPORT_TARGETS, type TargetName } from '../datasets/export/targets/target.ts';
import type { Command } from './command.ts';
import { printExportReport } from './exportScreen.ts';
import { integerAbove } from './options.ts';
import { addPolicyOptions, oneForEach, type ParsedPolicies } from './policyOptions.ts';
import { ProgressLine } from './progressLine.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions extends ParsedPolicies {
  to: TargetName;
  output: string;
  fileFormat?: ExportFileFormat;
  maxExamples?: number;
  lossy?: boolean;
  overwrite?: boolean;
}

export const exportCommand: Command = {
  name: 'export',
  register(program, context) {
    const command = program
      .command('export')
      .description('Write datasets of reasoning traces with step labels as one file of another layout.')
      .argument('<dataset...>', 'files, or owner/name[@revision][:config/split] on the Hugging Face Hub')
      .addOption(new Option('--to <layout>', 'what to write').choices(EXPORT_TARGETS).makeOptionMandatory())
      .requiredOption('--output <file>', 'where to write it, a name that ends in .jsonl or .parquet')
      .addOption(
        new Option('--file-format <format>', "in place of what the file's name says").choices(
          EXPORT_FILE_FORMATS,
        ),
      )
      .option(
        '--max-examples <n>',
        'source rows to read of each dataset, from the first on (default: all)',
        integerAbove(0),
      );
    addPolicyOptions(command)
      .option(
        '--lossy',
        'also write what the layout cannot hold, converted by rules that the report names (otherwise it is left out)',
      )
      .option('--overwrite', 'replace the file where it exists')
      .action(async (datasets: string[], { to, output, layout, ...options }: ParsedOptions) => {
        const layouts = oneForEach('--layout', layout, datasets, true);
        const progress = new ProgressLine(context, 'Exporting');
        const report = await exportTraces(
          {
            ...options,
            inputs: datasets.map((dataset, index) => ({ dataset, layout: layouts[index] })),
            target: to,
            file: output,
            lossy: options.lossy ?? false,
            overwrite: options.overwrite ?? false,
          },
          { signal: context.signal, environment: context.environment, ...progress.hooks },
        ).finally(() => {
          progress.clear();
        });
        printExportReport(report, context);
      });
  },
};
