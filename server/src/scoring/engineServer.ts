// The engine's side of the process border: holds one PRM and answers `load` and `score`.
import { ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import {
  DEVICES,
  ENGINE_ERROR_CODE,
  ENGINE_LOAD,
  ENGINE_SCORE,
  ENGINE_STARTED,
  type EngineErrorData,
  type LoadedModel,
  type LoadParams,
  type ScoreParams,
  type ScoreResult,
} from '../../../protocol/src/engine.ts';
import { PrmError } from '../support/errors.ts';
import { Turns } from '../support/turns.ts';
import { Scorer } from './scorer.ts';
import { TraceTooLongError } from './traceTooLong.ts';

const loadSchema: z.ZodType<LoadParams> = z.object({
  modelFolder: z.string().min(1),
  device: z.enum(DEVICES),
});
const scoreSchema: z.ZodType<ScoreParams> = z.object({ problem: z.string(), steps: z.array(z.string()) });

/** Answers requests on a connection until it closes. */
export function serveEngine(connection: MessageConnection): void {
  const turns = new Turns();
  let scorer: Scorer | undefined;

  async function load(params: unknown): Promise<LoadedModel> {
    const { modelFolder, device } = check(loadSchema, params, ENGINE_LOAD);
    // First out, then in: two large models need not fit at once.
    await scorer?.dispose();
    scorer = undefined;
    scorer = await Scorer.load(modelFolder, { device });
    return scorer.loaded;
  }

  async function score(params: unknown): Promise<ScoreResult> {
    const path = check(scoreSchema, params, ENGINE_SCORE);
    if (scorer === undefined) throw new PrmError({ what: 'No model is loaded', remedy: 'Load one first.' });
    return scorer.score(path);
  }

  connection.onRequest(ENGINE_LOAD, (params: unknown) => answer(() => turns.run(() => load(params))));
  connection.onRequest(ENGINE_SCORE, (params: unknown) => answer(() => turns.run(() => score(params))));
  connection.listen();
  void connection.sendNotification(ENGINE_STARTED);
}

/** Lets a PrmError travel with its parts. */
async function answer<T>(work: () => Promise<T>): Promise<T | ResponseError<EngineErrorData>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PrmError)) throw error;
    const { what, where, remedy } = error;
    return new ResponseError(ENGINE_ERROR_CODE, error.message, {
      what,
      ...(where !== undefined && { where }),
      ...(remedy !== undefined && { remedy }),
      ...(error instanceof TraceTooLongError && { tooLong: true }),
    });
  }
}

function check<T>(schema: z.ZodType<T>, params: unknown, request: string): T {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw new PrmError({ where: request, what: `Invalid parameters: ${z.prettifyError(result.error)}` });
}
