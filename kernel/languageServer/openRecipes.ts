import { isDeepStrictEqual } from 'node:util';
import { NotebookDocuments, TextDocuments, type Connection, type NotebookDocument } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { givenNames } from '../recipe/language/naming.ts';
import type { EditedSurroundings, KnownName } from '../recipe/language/surroundings.ts';
import { parseRecipe } from '../recipe/parse.ts';
import type { ParsedRecipe } from '../recipe/parsed.ts';
import type { Disk } from './disk.ts';
import type { Folders } from './folders.ts';

/** A document as it is now: a file, or the cell of a notebook. */
export interface OpenRecipe {
  readonly document: TextDocument;
  /** Read when it is asked for: completion reads the text with a caret in it. */
  readonly recipe: ParsedRecipe;
  readonly around: EditedSurroundings;
  readonly cell: boolean;
}

/** A document as it was read last, knowing the names that were given before it. */
interface Read {
  readonly version: number;
  readonly known: string;
  readonly recipe: ParsedRecipe;
  /** Names that it gives, whatever is known before it. */
  readonly given: readonly KnownName[];
}

/** The documents that are open, read once for each version and for what was named before them. */
export class OpenRecipes {
  private readonly files = new TextDocuments(TextDocument);
  private readonly notebooks = new NotebookDocuments(TextDocument);
  /** The cells of each notebook as they stood after its last change. */
  private readonly orders = new Map<string, readonly string[]>();
  private readonly read = new WeakMap<TextDocument, Read>();

  constructor(private readonly disk: Disk, private readonly folders: Folders) {}

  /** @param changed a document was opened or changed, or what it refers to; @param closed it is gone */
  listen(connection: Connection, changed: (uri: string) => void, closed: (uri: string) => void): void {
    this.files.onDidChangeContent(({ document }) => { changed(document.uri); });
    this.files.onDidClose(({ document }) => { closed(document.uri); });
    this.notebooks.onDidOpen((notebook) => {
      this.orders.set(notebook.uri, cellsOf(notebook));
      for (const cell of cellsOf(notebook)) changed(cell);
    });
    this.notebooks.onDidClose((notebook) => {
      this.orders.delete(notebook.uri);
      for (const cell of cellsOf(notebook)) closed(cell);
    });
    this.notebooks.onDidChange(({ notebookDocument, cells: { removed = [], changed: { textContent = [] } = {} } = {} }) => {
      for (const { document } of removed) closed(document);
      const edited = textContent.map(({ document }) => document);
      for (const cell of new Set([...edited, ...this.below(notebookDocument, edited)])) changed(cell);
    });
    this.files.listen(connection);
    this.notebooks.listen(connection);
  }

  get(uri: string): OpenRecipe | undefined {
    const document = this.document(uri);
    if (!document) return undefined;
    const notebook = this.notebooks.findNotebookDocumentForCell(uri);
    const names = this.namesBefore(uri);
    const recipe = (): ParsedRecipe => this.parsed(document, names);
    return { document, get recipe() { return recipe(); }, around: this.disk.around(notebook ? this.folders.ofNotebook(notebook.uri) : this.folders.ofFile(uri), names), cell: notebook !== undefined };
  }

  /** All that are open. */
  get uris(): readonly string[] {
    return [...this.files.keys(), ...this.notebooks.cellTextDocuments.keys()];
  }

  /** The document and, of a notebook, all its other cells, in their order: names hold in all of them. */
  together(uri: string): readonly string[] {
    const notebook = this.notebooks.findNotebookDocumentForCell(uri);
    return notebook ? cellsOf(notebook).filter((cell) => this.document(cell) !== undefined) : [uri];
  }

  /** The cells from the first on that is new where it stands, or gives other names than it did: a cell may use what those above it name. */
  private below(notebook: NotebookDocument, edited: readonly string[]): readonly string[] {
    const [before, now] = [this.orders.get(notebook.uri), cellsOf(notebook)];
    this.orders.set(notebook.uri, now);
    const first = now.findIndex((cell, i) => cell !== before?.[i] || (edited.includes(cell) && this.givesOthers(cell)));
    return first < 0 ? [] : now.slice(first);
  }

  private document(uri: string): TextDocument | undefined {
    return this.files.get(uri) ?? this.notebooks.cellTextDocuments.get(uri);
  }

  private before(uri: string): readonly TextDocument[] {
    const cells = this.together(uri);
    return cells.slice(0, Math.max(0, cells.indexOf(uri))).flatMap((cell) => this.document(cell) ?? []);
  }

  /** The results that the cells above name. */
  private namesBefore(uri: string): readonly KnownName[] {
    return this.before(uri).flatMap((cell) => this.given(cell));
  }

  private parsed(document: TextDocument, names: readonly KnownName[]): ParsedRecipe {
    const known = names.map(({ name }) => name).join('\n');
    const read = this.read.get(document);
    return read?.version === document.version && read.known === known ? read.recipe : this.readAgain(document, names, known).recipe;
  }

  /** What a cell names does not depend on the cells before it: however it was read last will do. It is read as it will be asked for, so that once is enough. */
  private given(document: TextDocument): readonly KnownName[] {
    const read = this.read.get(document);
    if (read?.version === document.version) return read.given;
    const names = this.namesBefore(document.uri);
    return this.readAgain(document, names, names.map(({ name }) => name).join('\n')).given;
  }

  /** A cell that has just changed gives other names than it did, or makes their results otherwise. */
  private givesOthers(uri: string): boolean {
    const document = this.document(uri);
    return document === undefined || !isDeepStrictEqual(this.read.get(document)?.given, this.given(document));
  }

  private readAgain(document: TextDocument, names: readonly KnownName[], known: string): Read {
    const recipe = parseRecipe(document.getText(), names.map(({ name }) => name));
    const read = { version: document.version, known, recipe, given: givenNames(recipe.meant?.recipe ?? recipe) };
    this.read.set(document, read);
    return read;
  }
}

/** URIs of its cells, in their order. */
function cellsOf({ cells }: NotebookDocument): readonly string[] {
  return cells.map(({ document }) => document);
}
