// Reads numbers given on the command line.
import { InvalidArgumentError } from 'commander';

/** An integer above `limit`. */
export function integerAbove(limit: number): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll('_', ''));
    if (text.trim() === '' || !Number.isSafeInteger(value) || value <= limit) {
      throw new InvalidArgumentError(
        limit === -Infinity ? 'It must be an integer.' : `It must be an integer above ${limit}.`,
      );
    }
    return value;
  };
}

/** A number from `limit` on. */
export function numberFrom(limit: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < limit) {
      throw new InvalidArgumentError(`It must be a number from ${limit} on.`);
    }
    return value;
  };
}

/** For an option that may be given several times: the values in their order. */
export function collect<T>(
  read: (text: string) => T,
): (text: string, earlier: readonly T[] | undefined) => T[] {
  return (text, earlier = []) => [...earlier, read(text)];
}

/** A number from `least` to `most`, both included. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Some of the names, separated by commas. */
export function namesOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((part) => {
      const name = known.find((candidate) => candidate === part.trim());
      if (name === undefined)
        throw new InvalidArgumentError(`"${part.trim()}" is none of ${known.join(', ')}.`);
      return name;
    });
}
