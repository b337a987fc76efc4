// What the page remembers while it is hidden, so that it comes back as it was left.

/** What the x axis of the training charts counts. */
export const X_AXES = ['step', 'examples', 'seconds'] as const;
export type XAxis = (typeof X_AXES)[number];

/** A part of the runs. */
export interface Zoom {
  /** Optimiser steps, both included: what the server is asked for. */
  steps: { from: number; to: number };
  /** The part of the x axis that was chosen; missing after the axis was changed. */
  x?: [number, number];
}

export interface Kept {
  /** Folders of the runs that are compared, in the order of their colours. */
  selected: string[];
  /** The one of them whose details are shown. */
  shown: string | null;
  /** Part of the names of the listed runs. */
  filter: string;
  axis: XAxis;
  /** Weight of what came before, 0 (as measured) to 0.99. */
  smoothing: number;
  log: boolean;
  zoom: Zoom | null;
  onlyDiffering: boolean;
  /** Names of the parts that were unfolded. */
  unfolded: string[];
}

/** More would neither be told apart nor read. */
export const MOST_COMPARED = 8;

export function nothingKept(): Kept {
  return {
    selected: [],
    shown: null,
    filter: '',
    axis: 'step',
    smoothing: 0,
    log: false,
    zoom: null,
    onlyDiffering: false,
    unfolded: [],
  };
}

/** What was kept, as far as it can be used: an earlier version of the page may have written it. */
export function keptFrom(value: unknown): Kept {
  const kept = nothingKept();
  if (typeof value !== 'object' || value === null) return kept;
  const given = value as Record<string, unknown>;
  kept.selected = strings(given.selected).slice(0, MOST_COMPARED);
  kept.unfolded = strings(given.unfolded);
  if (typeof given.shown === 'string') kept.shown = given.shown;
  if (typeof given.filter === 'string') kept.filter = given.filter;
  kept.axis = X_AXES.find((axis) => axis === given.axis) ?? kept.axis;
  if (typeof given.smoothing === 'number' && given.smoothing >= 0 && given.smoothing <= 0.99) {
    kept.smoothing = given.smoothing;
  }
  kept.log = given.log === true;
  kept.onlyDiffering = given.onlyDiffering === true;
  kept.zoom = zoomFrom(given.zoom);
  return kept;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function zoomFrom(value: unknown): Zoom | null {
  const { steps, x } = (value ?? {}) as { steps?: { from?: unknown; to?: unknown }; x?: unknown };
  if (!isRange(steps?.from, steps?.to)) return null;
  const zoom: Zoom = { steps: { from: Number(steps?.from), to: Number(steps?.to) } };
  if (Array.isArray(x) && isRange(x[0], x[1])) zoom.x = [Number(x[0]), Number(x[1])];
  return zoom;
}

function isRange(from: unknown, to: unknown): boolean {
  return Number.isFinite(from) && Number.isFinite(to) && Number(from) < Number(to);
}
