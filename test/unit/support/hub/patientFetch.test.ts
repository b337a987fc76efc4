// How long a busy server asks its callers to wait, and connections that are lost.
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { patientFetch, retryAfter } from '../../../../server/src/support/hub/patientFetch.ts';

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

describe('a connection that is lost before the answer', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** @returns the address of a server that breaks so many connections first, and how many requests it had */
  async function breaking(times: number): Promise<{ url: string; requests: () => number }> {
    let requests = 0;
    const started = createServer((request, response) => {
      requests++;
      if (requests <= times) request.socket.resetAndDestroy();
      else response.end('here');
    });
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    const address = started.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    return { url: `http://127.0.0.1:${address.port}/`, requests: () => requests };
  }

  it('is replaced', async () => {
    const { url, requests } = await breaking(1);
    expect(await (await patientFetch(url)).text()).toBe('here');
    expect(requests()).toBe(2);
  });

  it('is replaced once', async () => {
    const { url, requests } = await breaking(3);
    await expect(patientFetch(url)).rejects.toThrow('fetch failed');
    expect(requests()).toBe(2);
  });

  it('is not replaced where nobody listens', async () => {
    const { url } = await breaking(0);
    await new Promise((resolve) => server?.close(resolve));
    await expect(patientFetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
