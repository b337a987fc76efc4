// Takes the chat wrapper off a prompt, so that the problem is clean text whichever model the dataset was made with.

/** How one chat template writes a turn. */
interface Wrapper {
  name: string;
  /** What a wrapped prompt starts with, once a beginning-of-text token is removed. */
  opening: RegExp;
  /** What comes right before the user's text. */
  user: RegExp;
  /** What comes right after it. */
  end: RegExp;
}

// Sources: the `chat_template` of each family's tokenizer_config.json, and the model cards of Llama 2 and Mistral.
const WRAPPERS: readonly Wrapper[] = [
  {
    name: 'ChatML',
    opening: /^<\|im_start\|>(?:system|user)\b/,
    user: /<\|im_start\|>user[ \t]*\r?\n?/g,
    end: /<\|im_end\|>|<\|im_start\|>/,
  },
  {
    name: 'Llama 3',
    opening: /^<\|start_header_id\|>(?:system|user)<\|end_header_id\|>/,
    user: /<\|start_header_id\|>user<\|end_header_id\|>/g,
    end: /<\|eot_id\|>|<\|start_header_id\|>/,
  },
  {
    name: 'Gemma',
    opening: /^<start_of_turn>user\b/,
    user: /<start_of_turn>user[ \t]*\r?\n?/g,
    end: /<end_of_turn>|<start_of_turn>/,
  },
  {
    name: 'Phi',
    opening: /^<\|(?:system|user)\|>/,
    user: /<\|user\|>/g,
    end: /<\|end\|>|<\/s>|<\|assistant\|>|<\|endoftext\|>/,
  },
  {
    // Llama 2 puts the system text inside the first [INST], between <<SYS>> marks; Mistral has none.
    name: 'Llama 2',
    opening: /^\[INST\]\s*<<SYS>>/,
    user: /\[INST\](?:\s*<<SYS>>[\s\S]*?<<\/SYS>>)?/g,
    end: /\[\/INST\]/,
  },
  { name: 'Mistral', opening: /^\[INST\]/, user: /\[INST\]/g, end: /\[\/INST\]/ },
];

const BEGINNING_OF_TEXT = /^(?:<s>|<bos>|<\|begin_of_text\|>|<\|endoftext\|>)\s*/;

export interface Unwrapped {
  /** Trimmed; the last user turn where the prompt has several (the earlier ones are worked examples). */
  problem: string;
  /** The template's name, undefined where the prompt was plain text. */
  wrapper: string | undefined;
}

/** A prompt that only mentions a marker somewhere inside is plain text and stays as it is. */
export function unwrapPrompt(prompt: string): Unwrapped {
  const text = prompt.trim();
  const first = text.charCodeAt(0);
  // Every wrapper starts with `<` or `[`.
  if (first !== 60 && first !== 91) return { problem: text, wrapper: undefined };
  const body = text.replace(BEGINNING_OF_TEXT, '');
  const wrapper = WRAPPERS.find(({ opening }) => opening.test(body));
  if (wrapper === undefined) return { problem: text, wrapper: undefined };
  let start = -1;
  for (const match of body.matchAll(wrapper.user)) start = match.index + match[0].length;
  if (start < 0) return { problem: text, wrapper: undefined };
  const rest = body.slice(start);
  const end = rest.search(wrapper.end);
  return { problem: (end < 0 ? rest : rest.slice(0, end)).trim(), wrapper: wrapper.name };
}

/** A prompt written as a list of chat messages (`{ role, content }`). */
const CHAT_MESSAGES = 'chat messages';

/**
 * The problem in a `prompt` field: text, wrapped or not, or a list of chat messages of which the last one by the
 * user counts.
 * @returns undefined where the field is neither
 */
export function readPrompt(prompt: unknown): Unwrapped | undefined {
  if (typeof prompt === 'string') return unwrapPrompt(prompt);
  if (!Array.isArray(prompt)) return undefined;
  for (const message of (prompt as unknown[]).toReversed()) {
    if (typeof message !== 'object' || message === null || !('role' in message) || !('content' in message)) {
      return undefined;
    }
    if (message.role !== 'user') continue;
    const text = messageText(message.content);
    return text === undefined ? undefined : { problem: text.trim(), wrapper: CHAT_MESSAGES };
  }
  return undefined;
}

function messageText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const parts: string[] = [];
  for (const part of content as unknown[]) {
    if (typeof part !== 'object' || part === null || !('text' in part) || typeof part.text !== 'string') {
      return undefined;
    }
    parts.push(part.text);
  }
  return parts.join('\n');
}
