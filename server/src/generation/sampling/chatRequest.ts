// What is asked of a model server for one sample, and what comes back: the content that a cache entry is named by.
import { createHash } from 'node:crypto';
import { z } from 'zod';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface SamplingSettings {
  temperature: number;
  topP: number;
  /** Most tokens of one answer. */
  maxTokens: number;
  stop: readonly string[];
}

export interface ChatRequest {
  model: string;
  messages: readonly ChatMessage[];
  settings: SamplingSettings;
  /** The server's seed of this sample; each sample of a problem has its own. */
  seed: number;
  /** Which sample of its problem this is, from 0. */
  sample: number;
}

export const chatSampleSchema = z.object({
  text: z.string(),
  /** What the model thought before, where the server tells it apart; no part of the text. */
  reasoning: z.string().optional(),
  /** `stop`: it ended by itself or at a stop word. `length`: it was cut at `maxTokens`. Others as the server says. */
  finish: z.string(),
  /** The model, as the server names the one that answered: not always the one that was asked for. */
  answeredBy: z.string().optional(),
  /** As the server counted; undefined where it does not say, or counts several samples together. */
  promptTokens: z.int().nonnegative().optional(),
  completionTokens: z.int().nonnegative().optional(),
});
export type ChatSample = z.infer<typeof chatSampleSchema>;

/** Changes when the meaning of a request does, so that older entries are not taken for answers to it. */
const KEY_VERSION = 1;

/** sha256 of everything that a sample depends on: never a count or a place, which other problems share. */
export function keyOf({ model, messages, settings, seed, sample }: ChatRequest): string {
  const { temperature, topP, maxTokens, stop } = settings;
  const content = [
    KEY_VERSION,
    model,
    messages.map(({ role, content: text }) => [role, text]),
    [temperature, topP, maxTokens, [...stop]],
    [seed, sample],
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
