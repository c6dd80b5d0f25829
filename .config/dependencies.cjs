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
  weights: ['tensor', 'models', 'diffusion'],
  inference: ['models', 'nn', 'checkpoint', 'weights', 'diffusion', 'tensor'],
  pipeline: ['media', 'faces', 'diffusion', 'inference', 'weights', 'tensor'],
};

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports`,
  severity: 'error',
  comment: `kernel/${room} may import ${allowed.length ? allowed.join(', ') : 'no other room'} (and kernel/failure.ts, kernel/packageFolder.ts)`,
  from: { path: `^kernel/${room}/` },
  to: { path: '^(kernel|extension|webview|samples|test)/', pathNot: `^kernel/(failure|packageFolder)\\.ts$|^kernel/(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-test', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'no-vscode-in-kernel', severity: 'error', from: { path: '^kernel/' }, to: { path: '^(vscode$|node_modules/(@types/vscode|vscode-languageclient))' } },
    { name: 'onnx-only-in-inference', severity: 'error', from: { path: '^(kernel|extension|webview)/', pathNot: '^kernel/inference/' }, to: { path: 'onnxruntime' } },
    { name: 'extension-sees-protocols', severity: 'error', from: { path: '^extension/' }, to: { path: '^(kernel|webview|samples)/', pathNot: '^(kernel|webview)/protocol\\.ts$' } },
    { name: 'webview-sees-kernel-protocol', severity: 'error', from: { path: '^webview/' }, to: { path: '^(kernel|extension|samples)/', pathNot: '^kernel/protocol\\.ts$' } },
    { name: 'kernel-alone', severity: 'error', from: { path: '^kernel/' }, to: { path: '^(extension|webview|samples)/' } },
    ...roomRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
