// Typed access to a GGUF file's metadata, with errors that name the key.
import { PrmError } from '../../support/errors.ts';
import type { GgufHeader, GgufValue } from './ggufHeader.ts';

const NOT_A_MODEL = 'Take a GGUF file of a whole language model, as llama.cpp writes it.';

/** Reads keys; `undefined` where a file leaves one out. */
export class Metadata {
  constructor(private readonly header: GgufHeader) {}

  number(key: string): number | undefined {
    return this.typed(key, 'a number', (value) => typeof value === 'number');
  }

  boolean(key: string): boolean | undefined {
    return this.typed(key, 'true or false', (value) => typeof value === 'boolean');
  }

  string(key: string): string | undefined {
    return this.typed(key, 'a text', (value) => typeof value === 'string');
  }

  numbers(key: string): number[] | undefined {
    return this.typed(
      key,
      'a list of numbers',
      (value): value is number[] => Array.isArray(value) && value.every((item) => typeof item === 'number'),
    );
  }

  strings(key: string): string[] | undefined {
    return this.typed(
      key,
      'a list of texts',
      (value): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    );
  }

  has(key: string): boolean {
    return this.header.metadata.has(key);
  }

  /** @throws PrmError where the value is missing */
  required<T>(key: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw this.refusal(`its metadata lacks ${key}`);
  }

  /** An error about this file. */
  refusal(what: string, remedy = NOT_A_MODEL): PrmError {
    return new PrmError({ where: this.header.file, what, remedy });
  }

  private typed<T extends GgufValue>(
    key: string,
    expected: string,
    fits: (value: GgufValue) => value is T,
  ): T | undefined {
    const value = this.header.metadata.get(key);
    if (value === undefined || fits(value)) return value;
    throw this.refusal(`its metadata has something else than ${expected} as ${key}`);
  }
}
