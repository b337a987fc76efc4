// Ways in which real model servers answer otherwise than one would wish: for the test server.
import type { ServerResponse } from 'node:http';
import { chunk, event, status, streamed, textOf, type ChatAnswer } from './testChatServer.ts';

const STREAM = { 'content-type': 'text/event-stream' };

/** Sends again and again until nobody listens any more. */
function goesOn(response: ServerResponse, text: string, pause: number): void {
  const timer = setInterval(() => response.write(text), pause);
  response.on('close', () => {
    clearInterval(timer);
  });
}

/** A model that never stops, at a server that does not mind the limit. */
export const unending: ChatAnswer = (_, response) => {
  response.writeHead(200, STREAM);
  goesOn(response, chunk('and so on '.repeat(200)), 1);
};

/** Of two choices, one ends and one never does. */
export const oneUnending: ChatAnswer = (call, response) => {
  response.writeHead(200, STREAM);
  response.write(chunk(textOf(call), 'stop', 0));
  goesOn(response, chunk('and so on '.repeat(200), null, 1), 1);
};

/** Signs of life, and never a word. */
export const keepsAlive: ChatAnswer = (_, response) => {
  response.writeHead(200, STREAM);
  goesOn(response, ': still here\n\n', 20);
};

/** Chunks without anything in them. */
export const saysNothing: ChatAnswer = (_, response) => {
  response.writeHead(200, STREAM);
  goesOn(response, chunk(''), 20);
};

/** One line of a stream without an end. */
export const endlessLine: ChatAnswer = (_, response) => {
  response.writeHead(200, STREAM);
  response.write('data: {"choices": [{"delta": {"content": "');
  goesOn(response, 'a'.repeat(1_000_000), 0);
};

/** One answer without an end, not streamed. */
export const endlessWhole: ChatAnswer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"choices": [{"message": {"content": "');
  goesOn(response, 'a'.repeat(1_000_000), 0);
};

/** Says without end why it refuses. */
export const endlessRefusal: ChatAnswer = (_, response) => {
  response.writeHead(400, { 'content-type': 'text/plain' });
  response.write('top_p must be 1 ');
  goesOn(response, 'x'.repeat(100_000), 0);
};

/** Thoughts apart from the answer, under the name that its makers chose. */
export function thoughtful(field: 'reasoning_content' | 'reasoning', answers = true): ChatAnswer {
  return (call, response) => {
    const delta = (fields: object, finish: string | null = null): string =>
      event({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });
    response.writeHead(200, STREAM);
    response.write(delta({ role: 'assistant', content: null, [field]: 'Is it 99? ' }));
    response.write(delta({ content: null, [field]: 'No.' }));
    if (answers) response.write(delta({ content: textOf(call) }));
    response.end(`${delta({}, answers ? 'stop' : 'length')}data: [DONE]\n\n`);
  };
}

/** As llama.cpp says it. */
export const refusesChoices: ChatAnswer = (call, response, request) => {
  const answer = call.n === undefined ? streamed() : status(400, 'Only one completion choice is allowed');
  answer(call, response, request);
};

/** The first choice comes to its end, then the connection breaks. */
export const breaksAfterFirst: ChatAnswer = (call, response) => {
  response.writeHead(200, STREAM);
  response.write(chunk(textOf(call), 'stop', 0) + chunk('I add', null, 1), () => response.destroy());
};

/** Ends well, and does not say what it cost. */
export const uncounted: ChatAnswer = (call, response) => {
  response.writeHead(200, STREAM).end(`${chunk(textOf(call), 'stop')}data: [DONE]\n\n`);
};

export function sendsOn(code: number, location: string): ChatAnswer {
  return (_, response) => {
    response.writeHead(code, { location }).end();
  };
}
