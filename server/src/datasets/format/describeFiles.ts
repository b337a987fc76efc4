// Names the files of a dataset by their content, for dataset_info.json.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { SourceReport } from './formatReport.ts';
import type { RowSource } from '../rowSource.ts';

export async function describeFiles(
  { files }: Pick<RowSource, 'files'>,
  signal: AbortSignal | undefined,
): Promise<SourceReport['files']> {
  const described: SourceReport['files'] = [];
  for (const { path: file, bytes } of files) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
      hash.update(chunk as Buffer);
    }
    described.push({ path: file, bytes, sha256: hash.digest('hex') });
  }
  return described;
}
