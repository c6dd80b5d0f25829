/** Who may import whom: docs/architecture.md, "Rooms". Checked by `npm run lint:rooms`. */
const rooms = {
  tensor: [],
  checkpoint: ['tensor'],
  nn: ['tensor'],
  models: ['nn', 'checkpoint', 'tensor'],
  diffusion: ['tensor'],
  faces: ['tensor'],
  metrics: ['tensor'],
  media: ['tensor'],
  weights: ['tensor', 'models', 'diffusion', 'checkpoint'],
  inference: ['models', 'nn', 'checkpoint', 'weights', 'diffusion', 'tensor'],
  trajectory: ['diffusion', 'metrics', 'media', 'tensor'],
  recipe: ['weights'],
  pipeline: ['recipe', 'media', 'faces', 'diffusion', 'metrics', 'inference', 'trajectory', 'weights', 'tensor'],
};

/** The files directly under kernel/, and kernel/cli/, may import these rooms, and these files beside them. */
const entrances = {
  main: { path: '^kernel/main\\.ts$', files: ['server'] },
  languageServer: { path: '^kernel/languageServer(\\.ts$|/)', rooms: ['languageServer', 'recipe', 'pipeline'] },
  server: { path: '^kernel/server\\.ts$', files: ['failure', 'handlers', 'protocol', 'requestParams'] },
  requestParams: { path: '^kernel/requestParams\\.ts$', files: ['failure', 'protocol'] },
  handlers: { path: '^kernel/handlers\\.ts$', rooms: ['pipeline', 'recipe', 'trajectory', 'weights'], files: ['failure', 'packageFolder', 'protocol', 'walkHandlers', 'deviceHandlers', 'recipeHandlers', 'weightsHandlers'] },
  deviceHandlers: { path: '^kernel/deviceHandlers\\.ts$', rooms: ['pipeline', 'inference', 'weights'], files: ['protocol'] },
  recipeHandlers: { path: '^kernel/recipeHandlers\\.ts$', rooms: ['pipeline', 'recipe'], files: ['protocol'] },
  walkHandlers: { path: '^kernel/walkHandlers\\.ts$', rooms: ['pipeline', 'trajectory'], files: ['protocol'] },
  weightsHandlers: { path: '^kernel/weightsHandlers\\.ts$', rooms: ['pipeline', 'weights'], files: ['packageFolder', 'protocol'] },
  protocol: { path: '^kernel/protocol(\\.ts$|/)', rooms: ['protocol', 'pipeline', 'recipe', 'trajectory', 'weights'], files: ['failure'] },
  cli: { path: '^kernel/cli(\\.ts$|/)', rooms: ['cli', 'pipeline', 'recipe', 'trajectory', 'inference', 'checkpoint', 'models', 'weights'], files: ['failure', 'packageFolder'] },
  'everywhere-known': { path: '^kernel/(failure|packageFolder|sharedLoads|temporaries)\\.ts$' },
};

const everywhere = '^(kernel|extension|webview|samples|test)/';

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports`,
  severity: 'error',
  comment: `kernel/${room} may import ${allowed.length ? allowed.join(', ') : 'no other room'} (and kernel/failure.ts, kernel/packageFolder.ts, kernel/sharedLoads.ts, kernel/temporaries.ts)`,
  from: { path: `^kernel/${room}/` },
  to: { path: everywhere, pathNot: `^kernel/(failure|packageFolder|sharedLoads|temporaries)\\.ts$|^kernel/(${[room, ...allowed].join('|')})/` },
}));

const entranceRules = Object.entries(entrances).map(([name, { path, rooms: inside = [], files = [] }]) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `kernel/${name} may import ${[...inside, ...files].join(', ') || 'nothing of the product'}`,
  from: { path },
  to: { path: everywhere, pathNot: [...inside.map((room) => `^kernel/${room}/`), ...files.map((file) => `^kernel/${file}\\.ts$`)] },
}));

/** What is neither a room nor an entrance has no rules, and so may not be. */
const known = [`^kernel/(${Object.keys(rooms).join('|')})/`, ...Object.values(entrances).map(({ path }) => path)];
const unknownRules = [
  { name: 'unknown-room-imports', severity: 'error', comment: 'add the folder to .config/dependencies.cjs and docs/architecture.md', from: { path: '^kernel/', pathNot: known }, to: {} },
  { name: 'unknown-room-imported', severity: 'error', comment: 'add the folder to .config/dependencies.cjs and docs/architecture.md', from: {}, to: { path: '^kernel/', pathNot: known } },
  { name: 'unknown-room-alone', severity: 'error', comment: 'nothing imports it and it imports nothing', from: { path: '^kernel/', orphan: true }, to: {} },
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-test', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'no-vscode-in-kernel', severity: 'error', from: { path: '^kernel/' }, to: { path: '^(vscode$|node_modules/(@types/vscode|vscode-languageclient))' } },
    { name: 'onnx-only-in-inference', severity: 'error', from: { path: '^(kernel|extension|webview)/', pathNot: '^kernel/inference/' }, to: { path: 'onnxruntime' } },
    { name: 'extension-sees-protocols', severity: 'error', from: { path: '^extension/' }, to: { path: '^(kernel|webview|samples)/', pathNot: '^(kernel|webview)/protocol\\.ts$' } },
    { name: 'webview-sees-kernel-protocol', severity: 'error', from: { path: '^webview/' }, to: { path: '^(kernel|extension|samples)/', pathNot: '^kernel/protocol\\.ts$' } },
    { name: 'kernel-alone', severity: 'error', from: { path: '^kernel/' }, to: { path: '^(extension|webview|samples)/' } },
    {
      name: 'webview-sees-types-alone', severity: 'error', comment: 'the kernel is another process: of its protocol a page knows the types',
      from: { path: '^webview/' }, to: { path: '^kernel/', dependencyTypesNot: ['type-only'] },
    },
    ...roomRules,
    ...entranceRules,
    ...unknownRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
