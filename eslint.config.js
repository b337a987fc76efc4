// Type-checked lint, and the rule that holds the arrows between folders (docs/architecture.md).
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Which folder may import which. A folder that is not named on the right may not be imported. */
const arrows = {
  protocol: [],
  support: ['protocol'],
  graph: ['support'],
  models: ['graph', 'support', 'protocol'],
  datasets: ['models', 'support', 'protocol'],
  scoring: ['datasets', 'models', 'graph', 'support', 'protocol'],
  evaluation: ['scoring', 'datasets', 'models', 'support', 'protocol'],
  training: ['evaluation', 'scoring', 'datasets', 'models', 'graph', 'support', 'protocol'],
  generation: ['datasets', 'models', 'support', 'protocol'],
  commands: ['generation', 'training', 'evaluation', 'scoring', 'datasets', 'models', 'support', 'protocol'],
  language: ['generation', 'training', 'evaluation', 'scoring', 'datasets', 'models', 'support', 'protocol'],
  entry: ['commands', 'language', 'scoring', 'datasets', 'support', 'protocol'],
  client: ['protocol'],
  webview: ['protocol'],
};

const nodeAndVscode = {
  'no-restricted-imports': [
    'error',
    { patterns: [{ group: ['vscode', 'vscode-*'], message: 'The core knows neither VS Code nor LSP.' }] },
  ],
};

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'coverage/', '.vscode-test/', '.prm/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { alwaysTryTypes: true } },
      'boundaries/elements': [
        { type: 'entry', mode: 'full', pattern: 'server/src/*.ts' },
        ...Object.keys(arrows)
          .filter((name) => !['protocol', 'entry', 'client', 'webview'].includes(name))
          .map((name) => ({ type: name, mode: 'folder', pattern: `server/src/${name}` })),
        { type: 'protocol', mode: 'folder', pattern: 'protocol/src' },
        { type: 'client', mode: 'folder', pattern: 'client/src' },
        { type: 'webview', mode: 'folder', pattern: 'webview/src' },
      ],
    },
    rules: {
      'boundaries/element-types': [
        'error',
        {
          default: 'disallow',
          rules: Object.entries(arrows).map(([from, allow]) => ({ from, allow: [from, ...allow] })),
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Numeric loops over typed arrays need the index.
      '@typescript-eslint/prefer-for-of': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: [
      'server/src/{support,graph,models,datasets,generation,scoring,evaluation,training,commands}/**/*.ts',
    ],
    rules: nodeAndVscode,
  },
  {
    // The two ends of the engine and of the dataset process speak JSON-RPC over a process channel; that is a
    // transport, not LSP.
    files: [
      'server/src/scoring/engine{Process,Server}.ts',
      'server/src/datasets/host/{datasetChild,datasetProcess,datasetServer,hostErrors}.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['vscode', 'vscode-language*'], message: 'The core knows neither VS Code nor LSP.' },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**', 'bench/**', 'scripts/**', '*.js', '*.ts'],
    rules: { 'no-console': 'off', 'boundaries/element-types': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  prettier,
);
