// `generation_info.json`: what was made, how and of what, beside the data.
import { OutputFile } from '../datasets/export/outputFile.ts';

/** @param madeBy the command */
export async function writeInfo(file: string, madeBy: string, summary: object): Promise<void> {
  const output = await OutputFile.create(file);
  try {
    await output.write(Buffer.from(`${JSON.stringify({ made_by: madeBy, ...summary }, null, 2)}\n`));
    await output.finish();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}
