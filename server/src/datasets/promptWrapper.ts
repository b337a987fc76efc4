// Takes the chat wrapper off a prompt, so that the problem is clean text whichever model the dataset was made with.

/** How one chat template writes a turn. */
interface Wrapper {
  name: string;
  /** What a wrapped prompt starts with, once a beginning-of-text token is removed. */
  opening: RegExp;
  /** What begins a user's turn. */
  turn: string;
  /** What may stand between that and the user's text; sticky, so that a search never looks further. */
  lead: RegExp;
  /** What comes right after it. */
  end: RegExp;
}

const NOTHING = /(?:)/y;
const LINE_END = /[ \t]*\r?\n?/y;

// Sources: the `chat_template` of each family's tokenizer_config.json, and the model cards of Llama 2 and Mistral.
const WRAPPERS: readonly Wrapper[] = [
  {
    name: 'ChatML',
    opening: /^<\|im_start\|>(?:system|user)\b/,
    turn: '<|im_start|>user',
    lead: LINE_END,
    end: /<\|im_end\|>|<\|im_start\|>/,
  },
  {
    name: 'Llama 3',
    opening: /^<\|start_header_id\|>(?:system|user)<\|end_header_id\|>/,
    turn: '<|start_header_id|>user<|end_header_id|>',
    lead: NOTHING,
    end: /<\|eot_id\|>|<\|start_header_id\|>/,
  },
  {
    name: 'Gemma',
    opening: /^<start_of_turn>user\b/,
    turn: '<start_of_turn>user',
    lead: LINE_END,
    end: /<end_of_turn>|<start_of_turn>/,
  },
  {
    name: 'Phi',
    opening: /^<\|(?:system|user)\|>/,
    turn: '<|user|>',
    lead: NOTHING,
    end: /<\|end\|>|<\/s>|<\|assistant\|>|<\|endoftext\|>/,
  },
  {
    // Llama 2 puts the system text inside the first [INST], between <<SYS>> marks; Mistral has none.
    name: 'Llama 2',
    opening: /^\[INST\]\s*<<SYS>>/,
    turn: '[INST]',
    lead: /(?:\s*<<SYS>>[\s\S]*?<<\/SYS>>)?/y,
    end: /\[\/INST\]/,
  },
  { name: 'Mistral', opening: /^\[INST\]/, turn: '[INST]', lead: NOTHING, end: /\[\/INST\]/ },
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
  const turn = body.lastIndexOf(wrapper.turn);
  if (turn < 0) return { problem: text, wrapper: undefined };
  wrapper.lead.lastIndex = turn + wrapper.turn.length;
  const lead = wrapper.lead.exec(body);
  const rest = body.slice(turn + wrapper.turn.length + (lead?.[0].length ?? 0));
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
