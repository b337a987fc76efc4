// What the dataset editor's page and other callers may ask: their messages are data from outside.
import { z } from 'zod';
import { type DatasetSummaryParams } from '../../../protocol/src/datasetSummary.ts';
import {
  ROW_TEXT_FORMATS,
  VIEW_FORMATS,
  type DatasetParams,
  type DatasetRowsParams,
  type DatasetRowTextParams,
  type DatasetTraceParams,
  type ExportViewParams,
  type OpenDatasetParams,
  type QueryDatasetParams,
  type ScoreRowParams,
  type ViewParams,
} from '../../../protocol/src/datasets.ts';
import { querySchema } from '../datasets/query/querySchema.ts';

/** Rows of one answer. */
const MOST_ROWS = 500;

const dataset = z.string().min(1);
const place = z.int().nonnegative();
const token = z.union([z.string(), z.number()]).exactOptional();

export const openParams: z.ZodType<OpenDatasetParams> = z.object({ path: z.string().min(1) });
export const datasetParams: z.ZodType<DatasetParams> = z.object({ dataset });
export const rowsParams: z.ZodType<DatasetRowsParams> = z.object({
  dataset,
  view: z.string().exactOptional(),
  start: place,
  count: place.max(MOST_ROWS),
});
export const traceParams: z.ZodType<DatasetTraceParams> = z.object({
  dataset,
  position: place,
  trace: place.exactOptional(),
  firstStep: place.exactOptional(),
});
export const rowTextParams: z.ZodType<DatasetRowTextParams> = z.object({
  dataset,
  position: place,
  format: z.enum(ROW_TEXT_FORMATS),
  trace: place.exactOptional(),
});
export const scoreRowParams: z.ZodType<ScoreRowParams> = z.object({
  dataset,
  position: place,
  trace: place.exactOptional(),
});
export const summaryParams: z.ZodType<DatasetSummaryParams> = z.object({ dataset, workDoneToken: token });
export const viewParams: z.ZodType<ViewParams> = z.object({ dataset, view: z.string() });
export const exportParams: z.ZodType<ExportViewParams> = z.object({
  dataset,
  view: z.string().exactOptional(),
  format: z.enum(VIEW_FORMATS),
  file: z.string().min(1),
  workDoneToken: token,
});

export const queryParams: z.ZodType<QueryDatasetParams> = z.object({ dataset, query: querySchema });
