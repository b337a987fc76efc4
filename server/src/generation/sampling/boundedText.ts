// The text of an answer, never more of it than is wanted: a server may send without end.

/**
 * @param most bytes that are read; the connection is closed where more would come
 * @param onPiece told whenever something comes
 */
export async function textOf(
  response: Response,
  most: number,
  onPiece: () => void = () => undefined,
): Promise<{ text: string; isWhole: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  let left = most;
  for await (const bytes of response.body ?? []) {
    onPiece();
    const taken = bytes.subarray(0, left);
    text += decoder.decode(taken, { stream: true });
    left -= taken.length;
    if (taken.length < bytes.length) return { text, isWhole: false };
  }
  return { text: text + decoder.decode(), isWhole: true };
}
