import type { Connection } from 'vscode-languageserver';
import { checkRecipe } from '../pipeline/recipeChecks/checkRecipe.ts';
import type { OpenRecipes } from './openRecipes.ts';
import { diagnosticOf } from './toProtocol.ts';

/** Somebody who types is not told about each letter. */
const quietMilliseconds = 200;

/** Tells what is wrong with a document a moment after it changed; what has changed again meanwhile is not told. */
export class Checking {
  private readonly waiting = new Map<string, NodeJS.Timeout>();

  constructor(private readonly connection: Connection, private readonly recipes: OpenRecipes) {}

  soon(uri: string): void {
    clearTimeout(this.waiting.get(uri));
    this.waiting.set(uri, setTimeout(() => {
      this.waiting.delete(uri);
      void this.check(uri).catch((error: unknown) => { this.connection.console.error(String(error)); });
    }, quietMilliseconds));
  }

  forget(uri: string): void {
    clearTimeout(this.waiting.get(uri));
    this.waiting.delete(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  private async check(uri: string): Promise<void> {
    const open = this.recipes.get(uri);
    if (!open) return;
    const { document, recipe, around } = open;
    const { version } = document;
    const found = await checkRecipe(recipe, around);
    if (document.version !== version || this.waiting.has(uri) || this.recipes.get(uri)?.document !== document) return;
    await this.connection.sendDiagnostics({ uri, version, diagnostics: found.map((one) => diagnosticOf(document, one)) });
  }
}
