// How a dataset of the Hugging Face Hub is named: `owner/name[@revision][:config/split]`.
import path from 'node:path';

export interface HubId {
  /** `owner/name` */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
  /** Configuration (subset). Where only one word was given, it may be a split too. */
  config?: string;
  split?: string;
}

const DATA_EXTENSIONS = ['.parquet', '.jsonl', '.ndjson', '.json', '.csv', '.gz', '.txt'];

/** As in git, no revision has two points in a row: it names a file in the cache, and must not lead out of it. */
const HUB_ID =
  /^(?<id>[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(?<revision>(?:(?!\.\.)[\w./-])+))?(?::(?<config>[\w.+-]*)(?:\/(?<split>[\w.+-]+))?)?$/;

/** @returns undefined where the text is a path */
export function readHubId(text: string): HubId | undefined {
  if (DATA_EXTENSIONS.includes(path.extname(text).toLowerCase())) return undefined;
  const { id, revision = 'main', config, split } = HUB_ID.exec(text)?.groups ?? {};
  if (id === undefined) return undefined;
  return {
    id,
    revision,
    ...(config !== undefined && config !== '' && { config }),
    ...(split !== undefined && { split }),
  };
}

/** As a person would write it. */
export function shownHubId({ id, revision, config, split }: HubId): string {
  const part = config === undefined && split === undefined ? '' : `:${config ?? ''}`;
  return `${id}${revision === 'main' ? '' : `@${revision}`}${part}${split === undefined ? '' : `/${split}`}`;
}
