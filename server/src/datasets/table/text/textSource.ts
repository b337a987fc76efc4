// Where the bytes of a text table come from: a file as it is, or one that is unpacked while it is read (gzip.ts).
import type { RowFault } from '../../rowSource.ts';
import { FileBytes } from '../fileBytes.ts';
import type { FileChange } from '../table.ts';

export interface TextSource {
  /** Absolute, for people. */
  readonly path: string;
  /** Of the file on disk. */
  readonly bytes: number;
  /** @returns how many bytes there are: waits until they are more than `beyond`, or all */
  available(beyond: number): Promise<number>;
  /** Fills the target, or as much as there is. @returns bytes read */
  read(target: Buffer, start: number): Promise<number>;
  /** How much of the file on disk lies before the byte, 0 to 1. */
  share(position: number): number;
  /** Why nothing more can be read; known when all that is available was read. */
  readonly fault: RowFault | undefined;
  look(): Promise<FileChange>;
  close(): Promise<void>;
}

export async function openPlain(path: string): Promise<TextSource> {
  const file = await FileBytes.open(path);
  return {
    path,
    get bytes() {
      return file.size;
    },
    available: () => Promise.resolve(file.size),
    read: (target, start) => file.readInto(target, start),
    share: (position) => (file.size === 0 ? 1 : position / file.size),
    fault: undefined,
    look: () => file.look(),
    close: () => file.close(),
  };
}
