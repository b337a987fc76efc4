// How long a busy server asks its callers to wait.
import { describe, expect, it } from 'vitest';
import { retryAfter } from '../../../../server/src/support/hub/patientFetch.ts';

describe('Retry-After', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['7', 7000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('%j is %s ms', (value, milliseconds) => {
    expect(retryAfter(new Headers({ 'retry-after': value }), NOW)).toBe(milliseconds);
  });
});
