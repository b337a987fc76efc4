// Which files of a dataset are the configuration and split asked for.
import { describe, expect, it } from 'vitest';
import { allShards, dataFiles } from '../../../../server/src/datasets/hub/dataFiles.ts';
import { readCard } from '../../../../server/src/datasets/hub/datasetCard.ts';
import { readHubId, shownHubId } from '../../../../server/src/datasets/hub/hubId.ts';

const ANY = { id: 'owner/name', revision: 'main' };

describe('without a card', () => {
  it.each([
    [
      ['data/test-0.parquet', 'data/train-0.parquet', 'data/train-1.parquet'],
      ['data/train-0.parquet', 'data/train-1.parquet'],
    ],
    [['rows.jsonl', 'rows.parquet'], ['rows.parquet']],
    [['a.jsonl', 'validation.jsonl', 'dev.jsonl'], ['a.jsonl']],
    [
      ['contest.parquet', 'latest.parquet'],
      ['contest.parquet', 'latest.parquet'],
    ],
    [['prm_test.json'], ['prm_test.json']],
    [['rows.jsonl.gz', 'dataset_infos.json'], ['rows.jsonl.gz']],
    [['README.md', 'data.csv'], []],
  ])('of %j takes %j', (files, chosen) => {
    expect(dataFiles(files, undefined, ANY)).toEqual(chosen);
  });

  it('takes the split asked for, by its name alone too', () => {
    const files = ['data/test-0.parquet', 'data/train-0.parquet', 'data/dev-0.parquet'];
    expect(dataFiles(files, undefined, { ...ANY, config: 'default', split: 'test' })).toEqual([
      'data/test-0.parquet',
    ]);
    expect(dataFiles(files, undefined, { ...ANY, config: 'validation' })).toEqual(['data/dev-0.parquet']);
  });

  it("reads the layout of the Hub's own conversions", () => {
    const files = [
      'math/test/0000.parquet',
      'math/train/0000.parquet',
      'math/train/0001.parquet',
      'gsm8k/test/0000.parquet',
    ];
    expect(dataFiles(files, undefined, { ...ANY, config: 'math' })).toEqual([
      'math/train/0000.parquet',
      'math/train/0001.parquet',
    ]);
    expect(dataFiles(files, undefined, { ...ANY, config: 'gsm8k' })).toEqual(['gsm8k/test/0000.parquet']);
    expect(() => dataFiles(files, undefined, ANY)).toThrow(
      '2 configurations, and none of them is the usual one: math, gsm8k',
    );
  });
});

describe('with a card', () => {
  const FILES = ['main/test.jsonl', 'main/train.jsonl', 'socratic/train.jsonl', 'other/part-a.jsonl'];
  const CARD = readCard(`---
license: mit
configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: main/train.jsonl
  - split: test
    path: [main/test.jsonl]
- config_name: socratic
  data_dir: socratic
- config_name: parts
  data_files: "other/*.jsonl"
---
# Text`);

  it.each([
    [{}, ['main/train.jsonl']],
    [{ config: 'main', split: 'test' }, ['main/test.jsonl']],
    [{ config: 'socratic' }, ['socratic/train.jsonl']],
    [{ config: 'parts' }, ['other/part-a.jsonl']],
  ])('%j: %j', (wanted, chosen) => {
    expect(dataFiles(FILES, CARD, { ...ANY, ...wanted })).toEqual(chosen);
  });

  it.each(['# no front matter', '---\n: : :\n---', '---\nconfigs: 3\n---', '---\nlicense: mit\n---', ''])(
    'a card that says nothing of the kind: %j',
    (text) => {
      expect(readCard(text)).toBeUndefined();
    },
  );

  it('is passed over where none of its files is there', () => {
    expect(dataFiles(['rows.parquet'], CARD, ANY)).toEqual(['rows.parquet']);
  });
});

describe('an id', () => {
  it.each([
    ['ebony59/gsm8k-gen-stepwise', { id: 'ebony59/gsm8k-gen-stepwise', revision: 'main' }],
    ['owner/name.v2@refs/pr/1', { id: 'owner/name.v2', revision: 'refs/pr/1' }],
    ['owner/name:math', { ...ANY, config: 'math' }],
    ['owner/name@v1:math/test', { id: 'owner/name', revision: 'v1', config: 'math', split: 'test' }],
    ['owner/name:/test', { ...ANY, split: 'test' }],
  ])('%s', (text, id) => {
    expect(readHubId(text)).toEqual(id);
    expect(shownHubId(id)).toBe(text);
  });

  it.each(['a/b/c', 'name', './a/b', 'a/b.jsonl', 'C:\\rows', 'a/b:c/d/e'])('is not %s', (text) => {
    expect(readHubId(text)).toBeUndefined();
  });
});

describe('allShards', () => {
  it.each([
    [['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'], true],
    [['data/train-00001-of-00002.parquet'], false],
    [['a/train-00000-of-00001.parquet', 'b/train-00000-of-00002.parquet'], false],
    [['rows.parquet'], true],
  ])('of %j: %s', (files, all) => {
    expect(allShards(files)).toBe(all);
  });
});
