import { dirname } from 'node:path';

/** What is known of where a notebook lies. */
export interface NotebookPlace {
  readonly scheme: string;
  /** Of a file. */
  readonly path: string;
  /** The first folder of the workspace, on a disk. */
  readonly workspace: string | undefined;
}

/** The folder that paths in a notebook begin at, or why there is none. */
export function notebookFolder({ scheme, path, workspace }: NotebookPlace): { readonly folder: string } | { readonly why: string } {
  switch (scheme) {
    case 'file':
      return { folder: dirname(path) };
    case 'untitled':
      return workspace === undefined ? { why: 'Paths in a recipe begin at the folder of its notebook, and this one has none yet. Save it, or open a folder.' } : { folder: workspace };
    default:
      return { why: `DifFace runs ffmpeg and neural networks on files of this machine; ${scheme}: is a virtual file system. Save a copy of the notebook to the disk and open that.` };
  }
}
