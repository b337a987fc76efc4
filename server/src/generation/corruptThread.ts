// Entry point of a thread that makes paths: blocks of solutions come in, their lines go out, in the same order.
import { parentPort, workerData } from 'node:worker_threads';
import { BlockMaker, type BlockWish, type SolutionBlock } from './solutionBlock.ts';

if (parentPort === null) throw new Error('This is a thread of prm generate corrupt, not a program.');
const port = parentPort;
const maker = new BlockMaker(workerData as BlockWish);

// What fails here ends the thread, and with it the command: corruptThreads.ts hears of it.
port.on('message', (block: SolutionBlock) => {
  const made = [...maker.make(block)];
  // The memory goes with the message.
  port.postMessage(
    made,
    made.map(({ bytes }) => bytes.buffer),
  );
});
