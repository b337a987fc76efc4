// Chooses the files of a dataset that hold its training split.

/** Words in file names that stand for other splits. */
const OTHER_SPLITS = /(?:^|[/_.-])(?:test|validation|valid|val|dev|eval)(?=[/_.-])/i;
const TRAINING = /(?:^|[/_.-])train(?:ing)?(?=[/_.-])/i;

/**
 * Parquet files are taken before JSONL ones (the Hub often has both forms), and files named for the training split
 * before files that are named for none.
 * @param files paths inside the dataset
 */
export function trainingFiles(files: readonly string[]): string[] {
  for (const extension of ['.parquet', '.jsonl']) {
    const written = files.filter((file) => file.toLowerCase().endsWith(extension));
    const training = written.filter((file) => TRAINING.test(file));
    if (training.length > 0) return training;
    const unnamed = written.filter((file) => !OTHER_SPLITS.test(file));
    if (unnamed.length > 0) return unnamed;
  }
  return [];
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
