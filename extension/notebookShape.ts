import { basename } from 'node:path';
import { isClip } from './mediaKinds.ts';

export const notebookType = 'jupyter-notebook';
export const languageId = 'difface';

/** What a notebook of recipes says of itself, for VS Code and for every other reader of `.ipynb` files. */
export const notebookMetadata = {
  metadata: { kernelspec: { name: languageId, display_name: 'DifFace', language: languageId }, language_info: { name: languageId } },
  nbformat: 4,
  nbformat_minor: 5,
} as const;

/** Whether a notebook, as VS Code read it, is meant for us. */
export function isOurs(metadata: Readonly<Record<string, unknown>>): boolean {
  const inner = metadata['metadata'] ?? metadata;
  const { kernelspec } = inner as { readonly kernelspec?: { readonly name?: unknown } };
  return kernelspec?.name === languageId;
}

export interface FirstCell {
  readonly kind: 'markdown' | 'recipe';
  readonly text: string;
}

/** What a new notebook begins with. @param file relative to the notebook's folder, with `/` */
export function firstCells(file: string): readonly FirstCell[] {
  const path = file.startsWith('$') ? `./${file}` : file;               // `$name` is a result
  const quoted = /^[a-z_.][\w./ -]*\.[a-z]\w*$/i.test(path) ? path : `'${path.replaceAll("'", "''")}'`;
  const name = isClip(file) ? 'clip' : 'picture';
  return [
    { kind: 'markdown', text: `# ${basename(file)}\n\nA cell holds a recipe: what is done, and how. Paths begin at the folder of this notebook; \`as\` names a result, which later cells call \`$${name}\`.` },
    { kind: 'recipe', text: `restore: ${quoted}\nas: ${name}` },
  ];
}
