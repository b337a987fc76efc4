// Sessions.
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../server/src/graph/graph.ts';
import * as onnx from '../../../server/src/graph/nodes.ts';
import { OutOfMemoryError } from '../../../server/src/models/memoryError.ts';
import { createSession } from '../../../server/src/models/runtime.ts';
import { PrmError } from '../../../server/src/support/errors.ts';

function doubling() {
  const graph = new Graph();
  const x = graph.input('x', [3]);
  graph.output('y', onnx.add(x, x));
  graph.output('z', onnx.negate(x));
  return graph.toModel();
}

describe('createSession', () => {
  it.each([true, false])('runs into the arrays that it is given (memory kept: %j)', async (keepMemory) => {
    const { session, device } = await createSession(doubling(), { device: 'cpu', threads: 1, keepMemory });
    expect(device).toBe('cpu');
    const y = new Float32Array(3);
    await session.run({ x: Float32Array.of(1, 2, 3) }, { y });
    expect([...y]).toEqual([2, 4, 6]);
    await session.release();
  });

  it('refuses arrays that do not fit the shape, by name', async () => {
    const { session } = await createSession(doubling(), { device: 'cpu', threads: 1 });
    const run = session.run({ x: new Float32Array(4) }, { y: new Float32Array(3) });
    await expect(run).rejects.toThrow('x: 4 elements given for the shape [3].');
    await session.release();
  });

  it('says in one line that a device is not there', async () => {
    const missing = process.platform === 'win32' ? 'coreml' : 'dml';
    const failure = await createSession(doubling(), { device: missing }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PrmError);
    const { message } = failure as PrmError;
    expect(message).toContain(missing);
    expect(message).toContain('Use the device cpu');
    expect(message).not.toContain('\n');
  });

  it('tells memory that ran out from other failures', async () => {
    // A table of 256 TB: more than a process can address, so that no machine hands it out and runs out later.
    const side = 8_000_000;
    const graph = new Graph();
    const table = onnx.add(graph.input('column', [side, 1]), graph.input('row', [1, side]));
    graph.output('sum', onnx.sum(table, [0, 1]));
    const { session } = await createSession(graph.toModel(), { device: 'cpu', threads: 1 });
    const numbers = new Float32Array(side);
    const run = session.run({ column: numbers, row: numbers }, { sum: new Float32Array(1) });
    const failure = await run.then(
      () => 'it ran',
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(OutOfMemoryError);
    expect(String(failure)).toMatch(/memory of cpu ran out while the model ran \(.+\)\. Use a smaller batch/);
    await session.release();
  });

  it('says that bytes are no model', async () => {
    const create = createSession(Uint8Array.of(1, 2, 3), { device: 'cpu' });
    await expect(create).rejects.toThrow(PrmError);
  });
});
