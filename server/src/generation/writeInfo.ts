// `generation_info.json`: what was made, how and of what, beside the data.
import path from 'node:path';
import { writeLines } from './writeLines.ts';

const INFO_FILE = 'generation_info.json';

/**
 * @param folder where the data is
 * @param madeBy the command
 */
export async function writeInfo(folder: string, madeBy: string, summary: object): Promise<void> {
  await writeLines(path.join(folder, INFO_FILE), async (add) => {
    await add(`${JSON.stringify({ made_by: madeBy, ...summary }, null, 2)}\n`);
  });
}
