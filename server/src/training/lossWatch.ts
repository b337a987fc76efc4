// Notices a loss that has grown far above its start and stays there: finite, but nothing is learned any more.

/** Steps that are taken together: single batches jump. */
const WINDOW = 20;
/** How far above its start a loss must be. */
const FACTOR = 3;
/** A coin's loss, nats: a run that starts below it may forget for a while without being lost. */
const COIN = Math.LN2;

/** Of one stage. */
export class LossWatch {
  private readonly first: number[] = [];
  private readonly last: number[] = [];
  private isTold = false;

  /** @returns what a person should know at this step, the first time that it is so */
  warning(step: number, loss: number): string | undefined {
    if (this.first.length < WINDOW) {
      this.first.push(loss);
      return undefined;
    }
    this.last.push(loss);
    if (this.last.length > WINDOW) this.last.shift();
    if (this.isTold || this.last.length < WINDOW) return undefined;
    const [start, now] = [mean(this.first), mean(this.last)];
    if (now <= FACTOR * Math.max(start, COIN)) return undefined;
    this.isTold = true;
    return (
      `At step ${step} the loss has been ${now.toFixed(2)} for ${WINDOW} steps; it began at ${start.toFixed(2)}. ` +
      `It may not come back: if it does not, stop the run and train again with a lower --learning_rate.`
    );
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
