import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { packageFolder } from '../../kernel/packageFolder.ts';
import { convertDetectors } from './convertDetector.ts';

/**
 * Bundles every process of the product into dist/ and converts the face detectors.
 * The bundles are CommonJS (the extension host and vscode-languageclient want it), so `import.meta.url` is filled in from `__filename`.
 */
async function main(): Promise<void> {
  await build({
    ...shared,
    entryPoints: {
      cli: 'kernel/cli.ts',
      kernel: 'kernel/main.ts',
      languageServer: 'kernel/languageServer.ts',
      inferenceProcess: 'kernel/inference/process.ts',
      extension: 'extension/extension.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'onnxruntime-node', 'sharp', '@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe'],
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'importMetaUrl' },
  });
  // the extension in a browser: a web worker, which has `vscode` and nothing of node
  await build({ ...shared, entryPoints: { web: 'extension/web.ts' }, outdir: 'dist', outExtension: { '.js': '.cjs' }, platform: 'browser', format: 'cjs', target: 'es2022', external: ['vscode'] });
  await build({
    ...shared,
    entryPoints: [{ in: 'webview/editor.ts', out: 'editor' }, { in: 'webview/editor.css', out: 'editor' }],
    outdir: 'dist/webview',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
  });
  // what notebooks load to show our outputs: its styles travel inside, it lives among the outputs of others
  await build({ ...shared, entryPoints: { renderer: 'webview/renderer/renderer.ts' }, outdir: 'dist/webview', platform: 'browser', format: 'esm', target: 'es2022', minify: true, loader: { '.css': 'text' } });
  for (const [from, to] of pageFiles) await copyFile(join(packageFolder(), from), join('dist', 'webview', to));
  await convertDetectors('dist/models');
}

const shared: BuildOptions = { bundle: true, sourcemap: true, logLevel: 'warning' };

/** Files the pages load beside their scripts. */
const pageFiles = [
  ['node_modules/@vscode/codicons/dist/codicon.css', 'codicon.css'],
  ['node_modules/@vscode/codicons/dist/codicon.ttf', 'codicon.ttf'],
] as const;

await main();
