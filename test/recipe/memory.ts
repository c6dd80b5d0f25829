import { basename, dirname } from 'node:path';
import type { EditedSurroundings, FoundEntry, KnownModel, KnownName } from '../../kernel/recipe/language/surroundings.ts';

const kinds: Readonly<Record<string, FoundEntry['kind']>> = { png: 'picture', jpg: 'picture', bmp: 'picture', mp4: 'clip' };

export const usualPaths = ['/w/portrait.png', '/w/clip.mp4', '/w/notes.txt', '/w/photos/a b.jpg', '/w/photos/.hidden.png', '/w/models/own/model.json'];

/** A small world: files by absolute path, with a folder for each that holds one; two models, of which one is installed. Nothing can be written into folders named `shut`. */
export function world(paths: readonly string[] = usualPaths, names: readonly KnownName[] = []): EditedSurroundings {
  const folders = new Set(paths.flatMap((path) => above(path)));
  const entry = (path: string): FoundEntry | undefined => {
    if (folders.has(path)) return { name: basename(path), kind: 'folder', readOnly: basename(path) === 'shut' };
    return paths.includes(path) ? { name: basename(path), kind: kinds[path.split('.').at(-1)!] ?? 'other', bytes: 2_400_000 } : undefined;
  };
  const model = (name: string, installed: boolean, start: number): KnownModel => ({ name, title: `Model ${name}`, installed, defaults: { sampler: 'ddim', start, steps: start, eta: 0.5 }, diffusion: { steps: 1000, timestepRespacing: 'ddim250' } });
  return {
    folder: '/w', names,
    modelIn: (folder) => Promise.resolve(paths.includes(`${folder}/model.json`) ? model(folder, true, 40) : `${folder} holds no model`),
    models: () => Promise.resolve([model('difface', false, 100), model('sample', true, 40)]),
    detectors: () => Promise.resolve([{ name: 'builtin', title: 'Built-in', installed: true }, { name: 'yolov5n', title: 'YOLOv5-face, nano', installed: false, weights: 'yolov5n-face' }]),
    helpers: () => Promise.resolve([{ name: 'parsing', title: 'ParseNet', installed: false, weights: 'parsenet' }]),
    devices: () => Promise.resolve([{ name: 'cpu', usable: true, reason: 'always there' }, { name: 'cuda', usable: false, reason: 'no card', missing: true }, { name: 'webgpu', usable: undefined, reason: 'not tried' }]),
    files: (folder) => Promise.resolve([...paths, ...folders].filter((path) => path !== '/' && dirname(path) === folder.replace(/(.)\/$/, '$1')).map((path) => entry(path)!)),
    entry: (path) => Promise.resolve(entry(path)),
    media: () => Promise.resolve(undefined),
  };
}

function above(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...above(parent)];
}

/** A text in which `¦` marks the caret. */
export function marked(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf('¦');
  return { text: text.replace('¦', ''), offset };
}
