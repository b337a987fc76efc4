// The part of a dataset card (README.md of the repository) that says which files are which configuration and split.
// https://huggingface.co/docs/hub/datasets-manual-configuration
import { parseDocument } from 'yaml';
import { z } from 'zod';

export interface CardConfig {
  name: string;
  isDefault: boolean;
  /** Folder that the patterns start from. */
  folder: string;
  /** Glob patterns by split; `undefined`: the card names no splits, file names tell. */
  patterns: { split: string | undefined; globs: string[] }[];
}

const globs = z.union([z.string().transform((glob) => [glob]), z.array(z.string())]);
const splitFiles = z.object({ split: z.string(), path: globs });
const cardSchema = z.object({
  configs: z
    .array(
      z.object({
        config_name: z.string().default('default'),
        default: z.boolean().default(false),
        data_dir: z.string().default(''),
        data_files: z.union([z.array(splitFiles), globs, splitFiles.transform((one) => [one])]).optional(),
      }),
    )
    .optional(),
});

/**
 * @param card text of README.md
 * @returns undefined where the card says nothing of the kind, or what it says cannot be read: file names then tell
 */
export function readCard(card: string): CardConfig[] | undefined {
  const matter = /^\uFEFF?---\r?\n(?<yaml>[\s\S]*?)\r?\n---/.exec(card)?.groups?.yaml;
  if (matter === undefined) return undefined;
  const document = parseDocument(matter);
  if (document.errors.length > 0) return undefined;
  const { data } = cardSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (data?.configs === undefined || data.configs.length === 0) return undefined;
  return data.configs.map((config) => ({
    name: config.config_name,
    isDefault: config.default,
    folder: config.data_dir.replace(/^\.?\/+|\/+$/g, ''),
    patterns: patternsOf(config.data_files),
  }));
}

function patternsOf(
  files: string[] | { split: string; path: string[] }[] | undefined,
): CardConfig['patterns'] {
  if (files === undefined) return [{ split: undefined, globs: ['**'] }];
  const bySplit = new Map<string | undefined, string[]>();
  for (const entry of files) {
    const split = typeof entry === 'string' ? undefined : entry.split;
    const paths = typeof entry === 'string' ? [entry] : entry.path;
    bySplit.set(split, [...(bySplit.get(split) ?? []), ...paths]);
  }
  return [...bySplit].map(([split, found]) => ({ split, globs: found }));
}
