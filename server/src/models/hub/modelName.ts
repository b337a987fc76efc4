// How a model of the Hugging Face Hub is named, `owner/name[@revision]`, and what a name meant that does not exist.
import { distance } from 'fastest-levenshtein';

export interface ModelName {
  /** `owner/name` */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
}

/** As in git, no revision has two points in a row: it names a file in the cache, and must not lead out of it. */
const NAME = /^(?<id>[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(?<revision>(?:(?!\.\.)[\w./-])+))?$/;

/** Models that PRMs are often trained from and whose architectures run here. */
const KNOWN: readonly string[] = [
  ...['0.6B', '1.7B', '4B', '8B'].flatMap((size) => [`Qwen/Qwen3-${size}`, `Qwen/Qwen3-${size}-Base`]),
  ...['0.5B', '1.5B', '3B', '7B'].flatMap((size) => [
    `Qwen/Qwen2.5-${size}`,
    `Qwen/Qwen2.5-${size}-Instruct`,
  ]),
  ...['1.5B', '7B'].flatMap((size) => [`Qwen/Qwen2.5-Math-${size}`, `Qwen/Qwen2.5-Math-${size}-Instruct`]),
  ...['0.5B', '1.5B', '7B'].flatMap((size) => [`Qwen/Qwen2-${size}`, `Qwen/Qwen2-${size}-Instruct`]),
  ...['135M', '360M', '1.7B'].flatMap((size) => [
    `HuggingFaceTB/SmolLM2-${size}`,
    `HuggingFaceTB/SmolLM2-${size}-Instruct`,
  ]),
  ...['1B', '3B'].flatMap((size) => [
    `meta-llama/Llama-3.2-${size}`,
    `meta-llama/Llama-3.2-${size}-Instruct`,
  ]),
  'meta-llama/Llama-3.1-8B',
  'meta-llama/Llama-3.1-8B-Instruct',
  'mistralai/Mistral-7B-v0.3',
  'mistralai/Mistral-7B-Instruct-v0.3',
];

/** Names that people expect and nobody published, and what takes their place. */
const REPLACED: ReadonlyMap<string, string> = new Map([
  ['qwen/qwen3-1.5b', 'Qwen/Qwen3-1.7B'],
  ['qwen/qwen3-1.5b-base', 'Qwen/Qwen3-1.7B-Base'],
]);

/** @returns undefined where the text cannot be a model of the Hub */
export function readModelName(text: string): ModelName | undefined {
  const { id, revision = 'main' } = NAME.exec(text)?.groups ?? {};
  return id === undefined ? undefined : { id, revision };
}

/** As a person would write it. */
export function shownModelName({ id, revision }: ModelName): string {
  return revision === 'main' ? id : `${id}@${revision}`;
}

/** @returns the model to take for a name that is known not to exist, and a sentence that says so */
export function replacementOf({ id }: ModelName): { model: ModelName; note: string } | undefined {
  const other = REPLACED.get(id.toLowerCase());
  if (other === undefined) return undefined;
  return {
    model: { id: other, revision: 'main' },
    note: `There is no ${id}: Qwen3 comes in 0.6B, 1.7B, 4B and 8B. ${other} is taken instead.`,
  };
}

/** Names further away than this share of their length mean something else. */
const CLOSE = 0.25;

/**
 * The known model that a mistyped name means; the owner may be missing.
 * @returns undefined where none is close, or the name is one of them
 */
export function similarModel(text: string): string | undefined {
  const wanted = text.toLowerCase();
  const candidates = KNOWN.map((known) => {
    const full = known.toLowerCase();
    const compared = wanted.includes('/') ? full : full.slice(full.indexOf('/') + 1);
    return { known, edits: distance(wanted, compared), limit: compared.length * CLOSE };
  });
  const [best] = candidates.sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.known !== text && best.edits <= best.limit ? best.known : undefined;
}
