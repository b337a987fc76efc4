// `generation_info.json`: what was made, how and of what, beside the data.
import { writeLines } from './writeLines.ts';

/** @param madeBy the command */
export async function writeInfo(file: string, madeBy: string, summary: object): Promise<void> {
  await writeLines(file, async (add) => {
    await add(`${JSON.stringify({ made_by: madeBy, ...summary }, null, 2)}\n`);
  });
}
