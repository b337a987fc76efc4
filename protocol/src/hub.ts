// Datasets of the Hugging Face Hub: what there is to download, and downloading it.
import type { RequestName, WithProgress } from './requests.ts';

export interface DownloadDatasetParams extends WithProgress {
  /** `owner/name[@revision][:config/split]`. */
  dataset: string;
}

export interface DownloadedDataset {
  id: string;
  /** Commit. */
  revision: string;
  /** Absolute paths inside the Hub's cache. */
  files: string[];
  bytes: number;
  /** Whether everything was in the cache before. */
  cached: boolean;
}

export const DOWNLOAD_DATASET: RequestName<DownloadDatasetParams, DownloadedDataset> = {
  method: 'prm/downloadDataset',
};

/** One split of one configuration of a Hub dataset. */
export interface HubDatasetPart {
  config: string;
  split: string;
  /** Paths inside the dataset. */
  files: string[];
  bytes: number;
}

/** What there is to download. */
export const LIST_HUB_DATASET: RequestName<Pick<DownloadDatasetParams, 'dataset'>, HubDatasetPart[]> = {
  method: 'prm/listHubDataset',
};
