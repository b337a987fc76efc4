// What a run's events come to, taken in one by one: its newest words, its evaluations, its lines in columns. Nothing
// grows with the run but columns of numbers.
import {
  TRAIN_SERIES,
  VALIDATION_SERIES,
  type ChartStage,
  type RunChart,
  type TrainSeries,
  type ValidationSeries,
} from '../../../protocol/src/dashboard.ts';
import type {
  EndEvent,
  EvaluationEvent,
  RunEvent,
  StartEvent,
  StepEvent,
} from '../../../protocol/src/runs.ts';
import { parseEvent } from './events.ts';
import { RunColumns, type ReducedColumns, type ReducedSeries, type StepRange } from './runColumns.ts';

/** Between two events: a longer time may be a machine that slept or a clock that was set. Seconds. */
const LONGEST_GAP = 3600;
/** Steps that a gap may last in a run whose steps are slow. */
const LONGEST_GAP_STEPS = 100;
/** Evaluation reports whose files are remembered; runs keep the newest few. */
const REPORTS_KEPT = 1000;

export class RunHistory {
  /** Lines that were no event: cut short by a kill, or of another version. */
  unreadableLines = 0;
  /** Events taken in. */
  events = 0;
  firstStart: StartEvent | undefined;
  /** The newest of each. */
  start: StartEvent | undefined;
  step: StepEvent | undefined;
  evaluation: EvaluationEvent | undefined;
  last: RunEvent | undefined;
  /** Steps made: the newest step, or what the newest start goes on from. */
  position = 0;
  /** What the newest evaluation that was called best said, also where the run has gone back behind it. */
  best: EvaluationEvent | undefined;
  #train = new RunColumns<TrainSeries>(TRAIN_SERIES);
  #validation = new RunColumns<ValidationSeries>(VALIDATION_SERIES);
  /** File of the report, by step, in the order of the events. */
  readonly #reports = new Map<number, string>();
  /** Time of the event that was last counted, and seconds of training up to it. */
  #clock = { time: Number.NaN, seconds: 0 };

  /** The end event, where it is the last word. */
  get end(): EndEvent | undefined {
    return this.last?.type === 'end' ? this.last : undefined;
  }

  /** Bytes of the columns. */
  get bytes(): number {
    return this.#train.bytes + this.#validation.bytes;
  }

  /** Takes a line of events.jsonl; false where it is no event. */
  addLine(line: string): boolean {
    const event = parseEvent(line);
    if (event === undefined) this.unreadableLines++;
    else this.add(event);
    return event !== undefined;
  }

  add(event: RunEvent): void {
    this.events++;
    this.last = event;
    switch (event.type) {
      case 'start':
        this.firstStart ??= event;
        this.start = event;
        this.position = event.fromStep;
        // Time goes on where the checkpoint was written; what passed between stop and resume is no training.
        this.#clock = {
          time: Date.parse(event.time),
          seconds: this.#train.at(event.fromStep)?.seconds ?? 0,
        };
        break;
      case 'step':
        this.#addStep(event);
        break;
      case 'evaluation':
        this.#addEvaluation(event);
        break;
      case 'end':
        this.position = event.step;
        break;
      case 'checkpoint':
        break;
    }
  }

  #addStep(event: StepEvent): void {
    const { step } = event;
    if (step <= (this.step?.step ?? 0)) this.#validation.removeFrom(step);
    this.step = event;
    this.position = step;
    const seconds = this.#secondsAt(Date.parse(event.time), event.stepsPerSecond);
    this.#train.add({ step, examples: event.examples ?? null, seconds, values: event });
  }

  #addEvaluation(event: EvaluationEvent): void {
    const { step, metrics, report } = event;
    this.evaluation = event;
    if (event.best) this.best = event;
    const examples = this.#train.at(step)?.examples ?? null;
    const seconds = this.#secondsAt(Date.parse(event.time), this.step?.stepsPerSecond ?? 0);
    this.#validation.add({ step, examples, seconds, values: metrics });
    if (report === undefined) return;
    this.#reports.delete(step);
    this.#reports.set(step, report);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > REPORTS_KEPT && oldest !== undefined) this.#reports.delete(oldest);
  }

  /** Report files, the newest evaluation's first; only that of a step where one is named. */
  reports(step?: number): string[] {
    if (step === undefined) return [...this.#reports.values()].reverse();
    const report = this.#reports.get(step);
    return report === undefined ? [] : [report];
  }

  /** The run's lines, reduced to at most `points` points each. */
  chart(points: number, range?: StepRange): RunChart {
    const validation = this.#validation.reduce(points, range);
    const stages = this.#stages();
    return {
      train: this.#train.reduce(points, range),
      validation: { ...validation, values: means(validation) },
      steps: this.#train.count(range),
      ...(stages.length > 0 ? { stages } : {}),
    };
  }

  /** The stages that have begun. A stage that ends early is the last one, so where each begins is known at the start. */
  #stages(): ChartStage[] {
    const stages: ChartStage[] = [];
    let from = 1;
    for (const { name, steps } of this.start?.stages ?? []) {
      if (from > this.position) break;
      stages.push({ name, from });
      from += steps;
    }
    return stages;
  }

  /** Gives the columns' memory back; the chart is not the whole run's from here on. */
  forgetLines(): void {
    this.#train = new RunColumns<TrainSeries>(TRAIN_SERIES);
    this.#validation = new RunColumns<ValidationSeries>(VALIDATION_SERIES);
  }

  /** Moves the run's own clock on. A jump of the machine's clock counts as one step. */
  #secondsAt(time: number, stepsPerSecond: number): number {
    const perStep = stepsPerSecond > 0 ? 1 / stepsPerSecond : 0;
    const passed = (time - this.#clock.time) / 1000;
    const isSound = passed >= 0 && passed <= Math.max(LONGEST_GAP, LONGEST_GAP_STEPS * perStep);
    this.#clock = { time, seconds: this.#clock.seconds + (isSound ? passed : perStep) };
    return this.#clock.seconds;
  }
}

function means({ values }: ReducedColumns<ValidationSeries>): Record<ValidationSeries, (number | null)[]> {
  const entries: [string, ReducedSeries][] = Object.entries(values);
  return Object.fromEntries(entries.map(([name, { mean }]) => [name, mean])) as Record<
    ValidationSeries,
    (number | null)[]
  >;
}
