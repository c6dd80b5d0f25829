import { build } from 'esbuild';
import { convertDetectors } from './convertDetector.ts';

/**
 * Bundles every process of the product into dist/ and converts the face detectors.
 * The bundles are CommonJS (the extension host and vscode-languageclient want it), so `import.meta.url` is filled in from `__filename`.
 */
async function main(): Promise<void> {
  await build({
    entryPoints: {
      cli: 'kernel/cli.ts',
      kernel: 'kernel/main.ts',
      inferenceProcess: 'kernel/inference/process.ts',
      extension: 'extension/extension.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: true,
    external: ['vscode', 'onnxruntime-node', 'sharp', '@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe'],
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'importMetaUrl' },
    logLevel: 'warning',
  });
  await convertDetectors('dist/models');
}

await main();
