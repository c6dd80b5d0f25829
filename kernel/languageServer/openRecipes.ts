import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotebookDocuments, TextDocuments, type Connection } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { givenNames } from '../recipe/language/naming.ts';
import type { KnownName, Surroundings } from '../recipe/language/surroundings.ts';
import { parseRecipe } from '../recipe/parse.ts';
import type { ParsedRecipe } from '../recipe/parsed.ts';
import type { Disk } from './disk.ts';

/** A document as it is now: a file, or the cell of a notebook. */
export interface OpenRecipe {
  readonly document: TextDocument;
  readonly recipe: ParsedRecipe;
  readonly around: Surroundings;
  readonly cell: boolean;
}

/** The documents that are open, read once for each version. */
export class OpenRecipes {
  private readonly files = new TextDocuments(TextDocument);
  private readonly notebooks = new NotebookDocuments(TextDocument);
  private readonly read = new WeakMap<TextDocument, { readonly version: number; readonly names: string; readonly recipe: ParsedRecipe }>();

  constructor(private readonly disk: Disk) {}

  /** @param changed a document was opened or changed, or what it refers to; @param closed it is gone */
  listen(connection: Connection, changed: (uri: string) => void, closed: (uri: string) => void): void {
    this.files.onDidChangeContent(({ document }) => { changed(document.uri); });
    this.files.onDidClose(({ document }) => { closed(document.uri); });
    this.notebooks.onDidOpen(({ cells }) => { for (const { document } of cells) changed(document); });
    this.notebooks.onDidClose(({ cells }) => { for (const { document } of cells) closed(document); });
    this.notebooks.onDidChange(({ notebookDocument, cells }) => {
      for (const cell of cells?.removed ?? []) closed(cell.document);
      // a cell may give a name that those below it use
      for (const { document } of notebookDocument.cells) changed(document);
    });
    this.files.listen(connection);
    this.notebooks.listen(connection);
  }

  get(uri: string): OpenRecipe | undefined {
    const document = this.document(uri);
    if (!document) return undefined;
    const notebook = this.notebooks.findNotebookDocumentForCell(uri);
    const names = this.before(uri).flatMap((cell) => givenNames(this.parsed(cell, [])));
    return { document, recipe: this.parsed(document, names), around: this.disk.around(folderOf(notebook?.uri ?? uri), names), cell: notebook !== undefined };
  }

  /** All that are open. */
  get uris(): readonly string[] {
    return [...this.files.keys(), ...this.notebooks.cellTextDocuments.keys()];
  }

  /** The document and, of a notebook, all its other cells, in their order: names hold in all of them. */
  together(uri: string): readonly string[] {
    const notebook = this.notebooks.findNotebookDocumentForCell(uri);
    return notebook ? notebook.cells.map(({ document }) => document).filter((cell) => this.document(cell) !== undefined) : [uri];
  }

  private document(uri: string): TextDocument | undefined {
    return this.files.get(uri) ?? this.notebooks.cellTextDocuments.get(uri);
  }

  private before(uri: string): readonly TextDocument[] {
    const cells = this.together(uri);
    return cells.slice(0, Math.max(0, cells.indexOf(uri))).flatMap((cell) => this.document(cell) ?? []);
  }

  private parsed(document: TextDocument, known: readonly KnownName[]): ParsedRecipe {
    const names = known.map(({ name }) => name).join('\n');
    const read = this.read.get(document);
    if (read?.version === document.version && read.names === names) return read.recipe;
    const recipe = parseRecipe(document.getText(), known.map(({ name }) => name));
    this.read.set(document, { version: document.version, names, recipe });
    return recipe;
  }
}

function folderOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? dirname(fileURLToPath(uri)) : undefined;
  } catch {
    return undefined;
  }
}
