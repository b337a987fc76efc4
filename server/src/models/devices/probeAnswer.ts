// What the process that tries a device sends back.
import { z } from 'zod';

/** Rows and columns of the matrices that are multiplied. */
export const PROBE_SIZE = 1024;

export const probeAnswerSchema = z.union([
  z.object({ milliseconds: z.number().positive() }),
  z.object({ failure: z.string() }),
]);
export type ProbeAnswer = z.infer<typeof probeAnswerSchema>;
