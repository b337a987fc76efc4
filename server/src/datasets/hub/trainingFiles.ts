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
