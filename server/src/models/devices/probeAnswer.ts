// What the process that tries a device sends back.
import { z } from 'zod';

export const probeAnswerSchema = z.union([
  z.object({
    milliseconds: z.number().positive(),
    /** Rows and columns of the two matrices that were multiplied in that time. */
    size: z.int().positive(),
  }),
  z.object({ failure: z.string() }),
]);
export type ProbeAnswer = z.infer<typeof probeAnswerSchema>;
