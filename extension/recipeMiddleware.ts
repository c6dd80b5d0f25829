import { MarkdownString } from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { inEditorWords } from './editorWords.ts';

/** What is said of models and devices is said at a terminal, too: the commands that help there are put in words of the editor. */
export const recipeMiddleware: Middleware = {
  async provideHover(document, position, token, next) {
    const hover = await next(document, position, token);
    hover?.contents.forEach(reword);
    return hover;
  },
  async provideCompletionItem(document, position, context, token, next) {
    const found = await next(document, position, context, token);
    for (const { documentation } of (Array.isArray(found) ? found : found?.items) ?? []) if (documentation !== undefined) reword(documentation);
    return found;
  },
  handleDiagnostics(uri, diagnostics, next) {
    for (const one of diagnostics) one.message = inEditorWords(one.message);
    next(uri, diagnostics);
  },
};

function reword(said: unknown): void {
  if (said instanceof MarkdownString) said.value = inEditorWords(said.value);
}
