import { ErrorCodes, LSPErrorCodes, ResponseError, TextDocumentSyncKind, type Connection, type InitializeResult, type Position, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver';
import { checkRecipe } from '../pipeline/recipeChecks/checkRecipe.ts';
import { namePattern } from '../recipe/actions.ts';
import { complete } from '../recipe/language/completion.ts';
import { format } from '../recipe/language/formatting.ts';
import { hover } from '../recipe/language/hover.ts';
import { lenses } from '../recipe/language/lenses.ts';
import { links } from '../recipe/language/links.ts';
import { givenBefore, namePlaceAt, namePlaces } from '../recipe/language/naming.ts';
import { outline } from '../recipe/language/outline.ts';
import { tokenModifiers, tokens, tokenTypes } from '../recipe/language/tokens.ts';
import { Checking } from './checking.ts';
import { Disk } from './disk.ts';
import { Folders } from './folders.ts';
import { OpenRecipes, type OpenRecipe } from './openRecipes.ts';
import { changeTo, codeActions, codeLenses, completionItem, documentLink, documentSymbol, hoverOf, rangeOf, semanticTokens } from './toProtocol.ts';

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: TextDocumentSyncKind.Incremental, workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  notebookDocumentSync: { notebookSelector: [{ notebook: 'jupyter-notebook', cells: [{ language: 'difface' }] }] },
  completionProvider: { triggerCharacters: [' ', '/', '$', '[', ',', '"', "'", '.'] },
  hoverProvider: true, codeActionProvider: { codeActionKinds: ['quickfix'] }, documentLinkProvider: {}, documentFormattingProvider: true, codeLensProvider: {}, documentSymbolProvider: true,
  definitionProvider: true, renameProvider: { prepareProvider: true },
  semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }, full: true },
};

interface At {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
}

/** Answers what editors ask about recipes, in files and in cells of notebooks, whatever carries the connection. */
export function serveLanguage(connection: Connection): void {
  const disk = new Disk();
  const folders = new Folders();
  const recipes = new OpenRecipes(disk, folders);
  const checking = new Checking(connection, recipes);
  const again = (): void => {
    disk.forget();
    for (const uri of recipes.uris) checking.soon(uri);
  };
  /** A bug here must not stand in the way of somebody who types: it is logged, and there is no answer. */
  const about = async <R, N>({ textDocument: { uri } }: Pick<At, 'textDocument'>, nothing: N, answer: (open: OpenRecipe) => R | Promise<R>): Promise<R | N> => {
    const open = recipes.get(uri);
    try {
      return open ? await answer(open) : nothing;
    } catch (error) {
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return nothing;
    }
  };

  let toldOfFolders = false;
  connection.onInitialize((params) => {
    folders.initialize(params);
    toldOfFolders = params.capabilities.workspace?.workspaceFolders === true;
    return { capabilities, serverInfo: { name: 'DifFace recipes' } };
  });
  connection.onInitialized(() => {
    if (toldOfFolders) folders.listen(connection, again);
  });
  connection.onShutdown(() => { checking.dispose(); });
  recipes.listen(connection, (uri) => { checking.soon(uri); }, (uri) => { checking.forget(uri); });
  connection.onDidChangeWatchedFiles(again);
  // weights were installed or removed
  connection.onDidChangeConfiguration(again);

  connection.onCompletion((params) => about(params, null, async ({ document, around }) => (await complete(document.getText(), document.offsetAt(params.position), around)).map((one) => completionItem(document, one))));
  connection.onHover((params) => about(params, null, async ({ document, recipe, around }) => {
    const found = await hover(recipe, document.offsetAt(params.position), around);
    return found ? hoverOf(document, found) : null;
  }));
  connection.onCodeAction((params) => about(params, null, async ({ document, recipe, around }) => {
    const [start, end] = [document.offsetAt(params.range.start), document.offsetAt(params.range.end)];
    return (await checkRecipe(recipe, around)).filter(({ at }) => at.start <= end && at.end >= start).flatMap((one) => codeActions(document, one));
  }));
  connection.onDocumentLinks((params) => about(params, null, async ({ document, recipe, around }) => (await links(recipe, around)).map((one) => documentLink(document, one))));
  connection.onDocumentFormatting((params) => about(params, null, ({ document }): TextEdit[] => {
    const text = format(document.getText());
    return text === undefined || text === document.getText() ? [] : [changeTo(document, text)];
  }));
  connection.onCodeLens((params) => about(params, null, ({ document, recipe, cell }) => [...codeLenses(document, lenses(recipe), cell)]));
  connection.onDocumentSymbol((params) => about(params, null, ({ document, recipe }) => outline(recipe).map((one) => documentSymbol(document, one))));
  connection.languages.semanticTokens.on((params) => about(params, { data: [] }, ({ document, recipe }) => semanticTokens(document, tokens(recipe))));
  nameHandlers(connection, recipes, about);
  connection.listen();
}

/** Where a `$name` comes from, and calling it otherwise wherever it stands. */
function nameHandlers(connection: Connection, recipes: OpenRecipes, about: <R>(params: At, nothing: null, answer: (open: OpenRecipe) => R) => Promise<R | null>): void {
  const place = ({ document, recipe }: OpenRecipe, position: Position): ReturnType<typeof namePlaceAt> => namePlaceAt(recipe, document.offsetAt(position));
  connection.onDefinition((params) => about(params, null, (open) => {
    const found = place(open, params.position);
    if (!found) return null;
    const documents = recipes.together(open.document.uri);
    for (const uri of documents.slice(0, documents.indexOf(open.document.uri) + 1).reverse()) {
      const { document, recipe } = recipes.get(uri)!;
      const given = uri !== open.document.uri ? givenBefore(recipe, { ...found, action: Infinity }) : found.role === 'given' ? found : givenBefore(recipe, found);
      if (given) return { uri, range: rangeOf(document, given.at) };
    }
    return null;
  }));
  connection.onPrepareRename((params) => about(params, null, (open) => {
    const found = place(open, params.position);
    return found ? { range: rangeOf(open.document, found.at), placeholder: found.name } : null;
  }));
  connection.onRenameRequest((params) => {
    const to = params.newName.replace(/^\$/, '');
    if (!namePattern.test(to)) return new ResponseError(ErrorCodes.InvalidParams, 'A name of letters, digits, _ and - is expected, beginning with a letter.');
    return about<WorkspaceEdit | ResponseError | null>(params, null, (open) => {
      const found = place(open, params.position);
      if (!found) return null;
      const documents = recipes.together(open.document.uri).map((uri) => {
        const { document, recipe } = recipes.get(uri)!;
        return { uri, document, places: namePlaces(recipe) };
      });
      if (to !== found.name && documents.some(({ places }) => places.some(({ name, role }) => name === to && role === 'given'))) {
        return new ResponseError(LSPErrorCodes.RequestFailed, `Another result is named '${to}' already: choose another name, or rename that one first.`);
      }
      return { changes: Object.fromEntries(documents.map(({ uri, document, places }) => [
        uri, places.filter(({ name }) => name === found.name).map(({ at }) => ({ range: rangeOf(document, at), newText: to })),
      ])) };
    });
  });
}
