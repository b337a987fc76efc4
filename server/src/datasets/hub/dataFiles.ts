// Chooses the files of a dataset that hold the configuration and split asked for.
import picomatch from 'picomatch';
import { PrmError } from '../../support/errors.ts';
import type { CardConfig } from './datasetCard.ts';
import { shownHubId, type HubId } from './hubId.ts';

/** File paths by split, by configuration. */
type Configs = Map<string, Map<string, string[]>>;

/** What can be read, the preferred form first: the Hub often has a dataset in several. */
const FORMS = [/\.parquet$/i, /\.(?:jsonl|ndjson)(?:\.gz)?$/i, /\.json(?:\.gz)?$/i];

/** Words in file and folder names that stand for splits, as Hugging Face's own loader reads them. */
const SPLIT_WORDS: readonly (readonly [split: string, words: RegExp])[] = [
  ['validation', /(?:^|[/_.-])(?:validation|valid|val|dev)(?=[/_.-])/i],
  ['test', /(?:^|[/_.-])(?:test|testing|eval|evaluation)(?=[/_.-])/i],
  ['train', /(?:^|[/_.-])train(?:ing)?(?=[/_.-])/i],
];

/** `config/split/0000.parquet`, the layout of the Hub's own conversions (branch `refs/convert/parquet`). */
const CONVERTED = /^(?<config>[^/]+)\/(?:partial-)?(?<split>[^/]+)\/\d{4}\.parquet$/;

/** Files that are no data although their form is. */
const METADATA = /(?:^|\/)(?:dataset_infos?|state|\.[^/]*)\.json$/i;

/** One split of one configuration. */
export interface DatasetPart {
  config: string;
  split: string;
  /** Paths inside the dataset, in order. */
  files: string[];
}

/**
 * @param files paths inside the dataset
 * @param card what the dataset card says, where it says anything
 * @returns every configuration and split whose files can be read
 */
export function datasetParts(
  files: readonly string[],
  card: readonly CardConfig[] | undefined,
): DatasetPart[] {
  return [...configsOf(files, card)].flatMap(([config, splits]) =>
    [...splits].map(([split, found]) => ({ config, split, files: found.toSorted() })),
  );
}

/**
 * @param files paths inside the dataset
 * @param card what the dataset card says, where it says anything
 * @returns in order; empty where nothing in the dataset can be read
 * @throws PrmError naming what there is, where the configuration or split is missing or has to be chosen
 */
export function dataFiles(
  files: readonly string[],
  card: readonly CardConfig[] | undefined,
  wanted: HubId,
): string[] {
  const configs = configsOf(files, card);
  if (configs.size === 0) return [];
  const preferred = card?.find(({ isDefault }) => isDefault)?.name;
  const { config, split } = readOneWord(wanted, configs);
  const splits = choose(configs, config, [preferred ?? 'default'], 'configuration', wanted);
  return choose(splits, split, ['train'], 'split', wanted).toSorted();
}

function configsOf(files: readonly string[], card: readonly CardConfig[] | undefined): Configs {
  const readable = files.filter((file) => FORMS.some((form) => form.test(file)) && !METADATA.test(file));
  return (card && fromCard(readable, card)) ?? fromNames(readable);
}

/** `:test` names a configuration, or, where there is none of that name, a split. */
function readOneWord({ config, split }: HubId, configs: Configs): Pick<HubId, 'config' | 'split'> {
  if (config === undefined || split !== undefined || configs.has(config)) {
    return { ...(config !== undefined && { config }), ...(split !== undefined && { split }) };
  }
  const isSplit = [...configs.values()].some((splits) => splits.has(config));
  return isSplit ? { split: config } : { config };
}

function choose<T>(
  choices: ReadonlyMap<string, T>,
  name: string | undefined,
  preferred: readonly string[],
  kind: 'configuration' | 'split',
  wanted: HubId,
): T {
  const names = [...choices.keys()];
  const chosen =
    name ??
    preferred.find((candidate) => choices.has(candidate)) ??
    (names.length === 1 ? names[0] : undefined);
  const found = chosen === undefined ? undefined : choices.get(chosen);
  if (found !== undefined) return found;
  const example = { ...wanted, [kind === 'split' ? 'split' : 'config']: names[0] ?? '' };
  throw new PrmError({
    where: shownHubId(wanted),
    what:
      name === undefined
        ? `the dataset has ${names.length} ${kind}s, and none of them is the usual one: ${names.join(', ')}`
        : `the dataset has no ${kind} ${name}; it has ${names.join(', ')}`,
    remedy: `Choose one, such as ${shownHubId(example)}.`,
  });
}

function fromCard(files: readonly string[], card: readonly CardConfig[]): Configs | undefined {
  const configs: Configs = new Map();
  for (const { name, folder, patterns } of card) {
    const splits = new Map<string, string[]>();
    const inFolder = folder === '' ? files : files.filter((file) => file.startsWith(`${folder}/`));
    for (const { split, globs } of patterns) {
      const matches = picomatch(
        globs.map((glob) => (folder === '' ? glob : `${folder}/${glob}`).replace(/^\.\//, '')),
      );
      const found = inFolder.filter((file) => matches(file));
      if (split === undefined) for (const [named, part] of bySplit(found)) splits.set(named, part);
      else if (found.length > 0) splits.set(split, preferredForm(found));
    }
    if (splits.size > 0) configs.set(name, splits);
  }
  return configs.size === 0 ? undefined : configs;
}

function fromNames(files: readonly string[]): Configs {
  const configs: Configs = new Map();
  const converted = files.filter((file) => CONVERTED.test(file));
  if (converted.length > 0 && converted.length === files.length) {
    for (const file of converted) {
      const { config = '', split = '' } = CONVERTED.exec(file)?.groups ?? {};
      const splits = configs.get(config) ?? new Map<string, string[]>();
      splits.set(split, [...(splits.get(split) ?? []), file]);
      configs.set(config, splits);
    }
    return configs;
  }
  const splits = bySplit(files);
  return splits.size === 0 ? configs : configs.set('default', splits);
}

/** A file whose name has no such word belongs to `train`, but only where no other file has that name. */
function bySplit(files: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of preferredForm(files)) {
    const split = SPLIT_WORDS.find(([, words]) => words.test(file))?.[0] ?? '';
    found.set(split, [...(found.get(split) ?? []), file]);
  }
  const unnamed = found.get('');
  found.delete('');
  if (unnamed !== undefined && !found.has('train')) found.set('train', unnamed);
  return found;
}

function preferredForm(files: readonly string[]): string[] {
  const form = FORMS.find((candidate) => files.some((file) => candidate.test(file)));
  return form === undefined ? [] : files.filter((file) => form.test(file));
}

/** Whether all parts are there of files that say how many there are (`train-00000-of-00003.parquet`). */
export function allShards(files: readonly string[]): boolean {
  const wanted = new Map<string, number>();
  const found = new Map<string, number>();
  for (const file of files) {
    const match = /^(?<stem>.*)-\d{5}-of-(?<count>\d{5})(?<rest>\..*)$/.exec(file);
    if (match?.groups === undefined) continue;
    const { stem = '', count = '', rest = '' } = match.groups;
    const set = `${stem} ${count} ${rest}`;
    wanted.set(set, Number(count));
    found.set(set, (found.get(set) ?? 0) + 1);
  }
  return [...wanted].every(([set, count]) => found.get(set) === count);
}
