// How fast a run goes, and how long it will go on.

/** Rates are means over this many newest steps: long enough to be steady, short enough to follow a busy machine. */
const WINDOW = 20;

export interface Rates {
  /** Tokens of paths, padding not counted. */
  tokensPerSecond: number;
  stepsPerSecond: number;
  /** Until the last step and its evaluation. */
  secondsLeft: number;
}

/** Measures optimiser steps and evaluations; times in milliseconds. */
export class RateMeter {
  private readonly steps: { milliseconds: number; tokens: number }[] = [];
  private evaluationMilliseconds = 0;

  stepped(milliseconds: number, tokens: number): void {
    this.steps.push({ milliseconds: Math.max(milliseconds, 1e-3), tokens });
    if (this.steps.length > WINDOW) this.steps.shift();
  }

  evaluated(milliseconds: number): void {
    this.evaluationMilliseconds = milliseconds;
  }

  /** At least one step must have been measured. */
  rates(stepsLeft: number, evaluationsLeft: number): Rates {
    const seconds = this.steps.reduce((sum, step) => sum + step.milliseconds, 0) / 1000;
    const tokens = this.steps.reduce((sum, step) => sum + step.tokens, 0);
    const stepsPerSecond = this.steps.length / seconds;
    return {
      tokensPerSecond: tokens / seconds,
      stepsPerSecond,
      secondsLeft: stepsLeft / stepsPerSecond + (evaluationsLeft * this.evaluationMilliseconds) / 1000,
    };
  }
}
