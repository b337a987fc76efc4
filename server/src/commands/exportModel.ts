// `prm export-model`: writes a trained model for other programs, as ONNX or as a folder that transformers loads.
import { Option } from 'commander';
import type { ExportFormat, ExportOptions, ExportType } from '../models/export/exportModel.ts';
import type { Command } from './command.ts';
import { sizeText } from './figures.ts';
import { ProgressLine } from './progressLine.ts';

/** What commander makes of the options declared below. */
interface ParsedOptions {
  model: string;
  to: ExportFormat;
  outputDir: string;
  dtype: ExportType;
  overwrite?: boolean;
}

const FORMATS: readonly ExportOptions['to'][] = ['onnx', 'hf'];
const TYPES: readonly ExportOptions['dtype'][] = ['float32', 'bfloat16', 'float16'];

export const exportModelCommand: Command = {
  name: 'export-model',
  register(program, context) {
    program
      .command('export-model')
      .description('Write a trained model for other programs, an adapter merged into its base model.')
      .requiredOption('--model <folder>', 'a trained model, or the run folder that holds it')
      .addOption(
        new Option(
          '--to <form>',
          'onnx: model.onnx with its weights beside it; hf: what AutoModelForTokenClassification loads',
        )
          .choices(FORMATS)
          .makeOptionMandatory(),
      )
      .requiredOption('--output-dir <folder>', 'where the files go: a new or empty folder')
      .addOption(
        new Option('--dtype <type>', 'of the weights; half the size changes scores by about 0.01')
          .choices(TYPES)
          .default('float32'),
      )
      .option('--overwrite', 'replace an earlier export')
      .action(async ({ overwrite = false, ...options }: ParsedOptions) => {
        const { exportModel } = await import('../models/export/exportModel.ts');
        const progress = new ProgressLine(context, 'Writing the model');
        const report = await exportModel({
          ...options,
          overwrite,
          signal: context.signal,
          onProgress: ({ done, total }) => {
            progress.update(done, total);
          },
        }).finally(() => {
          progress.clear();
        });
        const merged = report.base === undefined ? '' : `, merged into ${report.base}`;
        context.stdout.write(
          `Wrote ${report.name}${merged} to ${report.folder} (${sizeText(report.bytes)} of weights).\n`,
        );
      });
  },
};
