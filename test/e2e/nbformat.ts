import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { default as AjvDraft04 } from 'ajv-draft-04';

// CommonJS, whose default export its types and bundlers understand otherwise
const { default: Ajv } = createRequire(import.meta.url)('ajv-draft-04') as { readonly default: typeof AjvDraft04 };

/** What is wrong with a notebook by the schema that Jupyter publishes for nbformat 4.5; nothing where all is well. */
export async function complaintsOf(notebook: unknown): Promise<readonly string[]> {
  const schema = JSON.parse(await readFile(join(import.meta.dirname, 'nbformat', 'nbformat.v4.5.schema.json'), 'utf8')) as object;
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  return validate(notebook) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ''}`);
}

export interface Notebook {
  readonly nbformat: number;
  readonly nbformat_minor: number;
  readonly cells: readonly {
    readonly cell_type: string;
    readonly execution_count?: number | null;
    readonly source: readonly string[] | string;
    readonly outputs?: readonly { readonly output_type: string; readonly data?: Readonly<Record<string, unknown>>; readonly ename?: string; readonly evalue?: string }[];
  }[];
}

export async function readNotebook(path: string): Promise<Notebook> {
  return JSON.parse(await readFile(path, 'utf8')) as Notebook;
}
