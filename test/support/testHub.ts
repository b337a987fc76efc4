// A server on this machine that speaks the parts of the Hugging Face Hub's API that downloads need.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export const HUB_COMMIT = '0123456789abcdef0123456789abcdef01234567';

interface TestRepository {
  /** By path. Text is stored in git, bytes as large files (LFS). */
  files: Record<string, string | Buffer>;
  /** What the list says of a file's bytes, where it does not tell the truth. */
  listedBytes?: Record<string, number>;
  /** What the list says of a file's hash, where it does not tell the truth. */
  listedHash?: Record<string, string>;
  /** What the revision is said to be. */
  commit?: string;
}

export type FileAnswer = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => void;

export class TestHub {
  /** By `datasets/owner/name` and `models/owner/name`. */
  readonly repositories = new Map<string, TestRepository>();
  /** A status that the API answers with instead, by repository. */
  readonly refusals = new Map<string, number>();
  /** How a file is sent, by path; as asked for where nothing is set. */
  readonly answers = new Map<string, FileAnswer>();
  requests: { url: string; range: string | undefined; authorization: string | undefined }[] = [];
  endpoint = '';
  private readonly server: Server = createServer((request, response) => {
    this.answer(request, response);
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    if (typeof address === 'object' && address !== null) this.endpoint = `http://127.0.0.1:${address.port}`;
  }

  /** A port that was just given back refuses connections. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  /** Requests for the bytes of a file. */
  requestsFor(file: string): TestHub['requests'] {
    return this.requests.filter(({ url }) => url.includes('/resolve/') && url.endsWith(`/${file}`));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    this.requests.push({ url, range: request.headers.range, authorization: request.headers.authorization });
    const json = (status: number, value: unknown): void => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' })
        .end(JSON.stringify(value));
    };
    const api = /^\/api\/(?<name>(?:models|datasets)\/[^/]+\/[^/]+)\/(?<what>revision|tree)\//.exec(
      url,
    )?.groups;
    const refusal = this.refusals.get(api?.name ?? '');
    const listed = this.repositories.get(api?.name ?? '');
    const id = /[^/]+\/[^/]+$/.exec(api?.name ?? '')?.[0];
    if (refusal !== undefined) json(refusal, { error: 'Refused.' });
    else if (listed === undefined) {
      if (!this.sendFile(request, response)) json(404, { error: 'Repository not found' });
    } else if (api?.what === 'revision')
      json(200, { _id: '1', id, modelId: id, sha: listed.commit ?? HUB_COMMIT });
    else json(200, listOf(listed));
  }

  private sendFile(request: IncomingMessage, response: ServerResponse): boolean {
    const { kind, id, file } =
      /^\/(?<kind>datasets\/)?(?<id>[^/]+\/[^/]+)\/resolve\/[0-9a-f]{40}\/(?<file>.+)$/.exec(
        request.url ?? '',
      )?.groups ?? {};
    const content = this.repositories.get(`${kind ?? 'models/'}${id ?? ''}`)?.files[file ?? ''];
    if (content === undefined) return false;
    (this.answers.get(file ?? '') ?? sendAsAsked)(request, response, Buffer.from(content));
    return true;
  }
}

/** Whole, or from the byte that the request names. */
export const sendAsAsked: FileAnswer = (request, response, bytes) => {
  const start = startOf(request);
  response
    .writeHead(start > 0 ? 206 : 200, {
      'content-length': bytes.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    })
    .end(bytes.subarray(start));
};

/** Sends so many bytes and breaks the connection. */
export function breakAfter(sent: number): FileAnswer {
  return (request, response, bytes) => {
    const start = startOf(request);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start });
    response.write(bytes.subarray(start, start + sent), () => {
      // Later: what the system has not sent yet would be lost.
      setTimeout(() => response.destroy(), 20);
    });
  };
}

function startOf(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

function listOf({ files, listedBytes, listedHash }: TestRepository): unknown[] {
  return Object.entries(files).map(([path, content]) => {
    const size = listedBytes?.[path] ?? Buffer.byteLength(content);
    return typeof content === 'string'
      ? { type: 'file', path, size, oid: listedHash?.[path] ?? gitHash(content) }
      : { type: 'file', path, size, oid: 'd', lfs: { oid: sha256(content), size, pointerSize: 131 } };
  });
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** As `git hash-object` does. */
export function gitHash(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}
