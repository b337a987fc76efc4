// A server on this machine that speaks the OpenAI-compatible chat API, with the failures that real ones have.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface ChatCall {
  model: string;
  messages: { role: string; content: string }[];
  seed: number;
  /** Choices; one where missing. */
  n?: number;
  stream: boolean;
  stop?: string[];
}

/** Answers one request. */
export type ChatAnswer = (call: ChatCall, response: ServerResponse, request: IncomingMessage) => void;

export class TestChatServer {
  calls: ChatCall[] = [];
  authorizations: (string | undefined)[] = [];
  /** Requests open now, and the most that were at once. */
  open = 0;
  most = 0;
  address = '';
  /** How requests are answered; the first ones may each have an answer of their own. */
  answer: ChatAnswer = streamed();
  /** What `GET /models` lists; undefined: the server has no such list. */
  models: string[] | undefined = ['tiny'];
  /** The key that it wants, if any. */
  key: string | undefined;
  readonly first: ChatAnswer[] = [];
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (text) => (body += String(text)));
    request.on('end', () => {
      const { authorization } = request.headers;
      if (this.key !== undefined && authorization !== `Bearer ${this.key}`) {
        // As some real ones do, it says the key again.
        refused(response, `Incorrect API key provided: ${authorization?.slice('Bearer '.length)}`);
        return;
      }
      if (request.method === 'GET') {
        listed(response, this.models);
        return;
      }
      const call = JSON.parse(body) as ChatCall;
      this.calls.push(call);
      this.authorizations.push(request.headers.authorization);
      this.most = Math.max(this.most, ++this.open);
      response.on('close', () => this.open--);
      (this.first.shift() ?? this.answer)(call, response, request);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.address = `http://127.0.0.1:${address.port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }
}

function refused(response: ServerResponse, message: string): void {
  response
    .writeHead(401, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message, code: 'invalid_api_key' } }));
}

function listed(response: ServerResponse, models: readonly string[] | undefined): void {
  response.writeHead(models === undefined ? 404 : 200, { 'content-type': 'application/json' });
  const data = models?.map((id) => ({ id, object: 'model' }));
  response.end(JSON.stringify(data === undefined ? { detail: 'Not Found' } : { object: 'list', data }));
}

/** Tells one sample of a problem from another. */
export function textOf({ messages, seed }: ChatCall): string {
  const problem = messages.at(-1)?.content ?? '';
  const numbers = [...problem.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const sum = numbers.reduce((total, number) => total + number, 0);
  // Odd seeds are wrong by one.
  const given = sum + (seed % 2);
  return `I add ${numbers.join(' and ')}.\nThat is ${given}.\n#### ${given}`;
}

export function chunk(content: string | undefined, finish: string | null = null, index = 0): string {
  const delta = content === undefined ? {} : { content };
  return event({ choices: [{ index, delta, finish_reason: finish }] });
}

export const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

/** A stream of a few characters each, the choices by turns, with usage at its end. `most`: choices that it gives at once. */
export function streamed({ finish = 'stop', text = textOf, pause = 0, most = Infinity } = {}): ChatAnswer {
  return (call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const answers = Array.from({ length: Math.min(call.n ?? 1, most) }, (_, index) =>
      text({ ...call, seed: call.seed + index }),
    );
    const cut = answers.map((answer) => answer.match(/[\s\S]{1,7}/g) ?? []);
    const pieces = [': a comment\n\n'];
    for (let at = 0; at < Math.max(...cut.map(({ length }) => length)); at++) {
      for (const [index, texts] of cut.entries()) {
        const piece = texts[at];
        if (piece !== undefined) pieces.push(chunk(piece, null, index));
      }
    }
    pieces.push(...answers.map((_, index) => chunk(undefined, finish, index)));
    const usage = { prompt_tokens: 20, completion_tokens: answers.join('').length };
    pieces.push(event({ choices: [], usage }), 'data: [DONE]\n\n');
    const send = (): void => {
      const piece = pieces.shift();
      if (piece === undefined) response.end();
      else {
        // In two halves: events need not come in whole packets.
        response.write(piece.slice(0, piece.length >> 1));
        response.write(piece.slice(piece.length >> 1));
        setTimeout(send, pause);
      }
    };
    send();
  };
}

/** Not streamed, whatever was asked. */
export const whole: ChatAnswer = (call, response) => {
  const message = { role: 'assistant', content: textOf(call) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 20, completion_tokens: 30 },
    }),
  );
};

export function status(code: number, message: string, headers: Record<string, string> = {}): ChatAnswer {
  return (_, response) => {
    response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error: { message } }));
  };
}

/** Ends the connection in the middle of a word. */
export const dropped: ChatAnswer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk('I add 1 an'), () => response.destroy());
};

/** Ends with [DONE] alone, without a reason, and leaves the connection open. */
export const endless: ChatAnswer = (call, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`${chunk(textOf(call))}data: [DONE]\n\n`);
};

/** Tells a failure inside of the stream. */
export const failingStream: ChatAnswer = (_, response) => {
  response
    .writeHead(200, { 'content-type': 'text/event-stream' })
    .end('data: {"error": {"message": "out of memory"}}\n\n');
};

/** Sends one piece and then nothing. */
export const silent: ChatAnswer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk('I add'));
};

export const malformed: ChatAnswer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices": [{"delta"\n\n');
};

export const webPage: ChatAnswer = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>');
};
