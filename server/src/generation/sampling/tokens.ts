// How many tokens a request costs: as the server counts, or guessed from the length of its texts.
import type { ChatMessage, ChatRequest } from './chatRequest.ts';
import type { ServerAnswer, Usage } from './serverAnswer.ts';

/** Of English text, by most tokenizers. */
const CHARACTERS_PER_TOKEN = 4;

const guess = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);

/** A guess of the tokens that the model has to read. */
export function promptTokens(messages: readonly ChatMessage[]): number {
  return guess(messages.reduce((sum, { content }) => sum + content.length, 0));
}

/** What one answer cost, all its samples together. */
export function costOf(request: ChatRequest, { usage, samples }: ServerAnswer): Usage & { isGuess: boolean } {
  if (usage !== undefined) return { ...usage, isGuess: false };
  const texts = samples.map((sample) => (sample?.text.length ?? 0) + (sample?.reasoning?.length ?? 0));
  return {
    promptTokens: promptTokens(request.messages),
    completionTokens: texts.reduce((sum, characters) => sum + guess(characters), 0),
    isGuess: true,
  };
}
