// Exit statuses of `prm`.

export const EXIT = { done: 0, unexpected: 1, refused: 2, cancelled: 130 } as const;
