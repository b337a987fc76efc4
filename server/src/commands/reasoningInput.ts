// Reads the text that `prm score` scores, from a file or standard input, with a limit on its size.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { CancelledError, PrmError, systemErrorCode } from '../support/errors.ts';
import type { CommandContext } from './command.ts';

/** Far more than any model reads at once; a larger file is another kind of file. */
const MAX_BYTES = 1_000_000;

/** What to do about a file that cannot be opened, by system error code. */
const OPEN_ERRORS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['There is no such file', 'Check the path, or give - to read standard input.'],
  EISDIR: ['This is a folder, not a text file', 'Give the file with the reasoning text.'],
  EACCES: ['The file may not be read', 'Check its permissions.'],
};

/**
 * Reads a whole text.
 * @param file a path; `-` or undefined: standard input
 * @returns the text without its byte order mark, and what to call its source in messages
 * @throws PrmError where it cannot be read, is too large, is not UTF-8 text, or is empty
 */
export async function readReasoningInput(
  file: string | undefined,
  { signal, stderr, interactive }: CommandContext,
): Promise<{ text: string; source: string }> {
  const fromStandardInput = file === undefined || file === '-';
  const source = fromStandardInput ? 'standard input' : file;
  if (fromStandardInput && process.stdin.isTTY && interactive) {
    stderr.write('Type the problem and its steps, then Ctrl-D on a line of its own.\n');
  }
  const stream = fromStandardInput ? process.stdin : createReadStream(file);
  const text = decode(await readAll(stream, source, signal), source);
  if (text.trim() === '') {
    throw new PrmError({
      where: source,
      what: 'The text is empty',
      remedy: 'Give the problem and its steps, one step a line.',
    });
  }
  return { text, source };
}

async function readAll(stream: Readable, source: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      // Leaving the loop closes the stream, so a huge file is not read to its end.
      if (size > MAX_BYTES) throw tooLarge(source);
    }
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    throw readError(source, error);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer, source: string): string {
  let text: string | undefined;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  if (text === undefined || text.includes('\0')) {
    throw new PrmError({
      where: source,
      what: 'This is not text in UTF-8',
      remedy: 'Give a plain text file; save it as UTF-8 where it has another encoding.',
    });
  }
  return text;
}

function tooLarge(source: string): PrmError {
  return new PrmError({
    where: source,
    what: `The text is longer than ${MAX_BYTES / 1e6} MB, the most that is read`,
    remedy: 'Score one problem with its steps at a time.',
  });
}

function readError(source: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const [what, remedy] = OPEN_ERRORS[code] ?? [`It could not be read (${code})`, 'Check the path.'];
  return new PrmError({ where: source, what, remedy, cause: error });
}
