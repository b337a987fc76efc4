// Commands that read datasets, which may be damaged: their work is done in a process of its own (supervise.ts).

export const DATASET_COMMANDS: readonly string[] = ['format', 'inspect', 'export', 'generate', 'evaluate'];
