// What the commands that make data write: a file of lines that takes its place only when it is whole.
import { kindOf, OutputFile } from '../datasets/export/outputFile.ts';
import { TextBuffer } from '../datasets/export/textBuffer.ts';
import { PrmError } from '../support/errors.ts';

/** @throws PrmError where a file is there that must not be replaced */
export async function refuseExisting(file: string, overwrite: boolean): Promise<void> {
  if (overwrite || (await kindOf(file)) !== 'file') return;
  throw new PrmError({
    where: file,
    what: 'the file exists',
    remedy: 'Give another --output_dir, or --overwrite to replace it.',
  });
}

/** Takes one line, its end included. @returns a promise only where the disk has to catch up: await it before the next call */
export type AddLine = (line: string) => Promise<void> | undefined;

/**
 * @param fill writes the lines; where it fails, an earlier file of the name stays as it was
 * @returns bytes written
 * @throws PrmError where the file cannot be written, and whatever `fill` throws
 */
export async function writeLines(file: string, fill: (add: AddLine) => Promise<void>): Promise<number> {
  const output = await OutputFile.create(file);
  try {
    const buffer = new TextBuffer(output);
    await fill((line) => buffer.add(line));
    await buffer.flush();
    await output.finish();
    return output.bytes;
  } catch (error) {
    await output.abandon();
    throw error;
  }
}
