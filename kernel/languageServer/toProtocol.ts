import { pathToFileURL } from 'node:url';
import {
  CodeActionKind, CompletionItemKind, DiagnosticSeverity, InsertTextFormat, InsertTextMode, MarkupKind, SemanticTokensBuilder, SymbolKind,
  type CodeAction, type CodeLens, type CompletionItem, type Diagnostic, type DocumentLink, type DocumentSymbol, type Hover, type Range, type SemanticTokens, type TextEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Completion } from '../recipe/language/completed.ts';
import type { Hovered } from '../recipe/language/hover.ts';
import type { Lens } from '../recipe/language/lenses.ts';
import type { Link } from '../recipe/language/links.ts';
import type { Entry } from '../recipe/language/outline.ts';
import { tokenTypes, type Token } from '../recipe/language/tokens.ts';
import type { Diagnosis, Span } from '../recipe/problem.ts';

/** What the language features say, in the words of the language server protocol. */

export function rangeOf(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

const completionKinds: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  action: CompletionItemKind.Function, key: CompletionItemKind.Property, choice: CompletionItemKind.EnumMember, number: CompletionItemKind.Value, name: CompletionItemKind.Variable,
  file: CompletionItemKind.File, folder: CompletionItemKind.Folder, model: CompletionItemKind.Module, device: CompletionItemKind.Unit,
};

export function completionItem(document: TextDocument, { label, kind, detail, documentation, at, text, filter, snippet, again, order }: Completion): CompletionItem {
  return {
    label, kind: completionKinds[kind], filterText: filter, sortText: String(order).padStart(3, '0') + label, textEdit: { range: rangeOf(document, at), newText: text },
    insertTextFormat: snippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText, insertTextMode: InsertTextMode.asIs,
    ...(detail === '' ? {} : { detail }), ...(documentation === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
    ...(again ? { command: { title: 'Choose the value', command: 'editor.action.triggerSuggest' } } : {}),
  };
}

export function hoverOf(document: TextDocument, { at, text }: Hovered): Hover {
  return { contents: { kind: MarkupKind.Markdown, value: text }, range: rangeOf(document, at) };
}

export function diagnosticOf(document: TextDocument, { severity, code, message, at }: Diagnosis): Diagnostic {
  return { range: rangeOf(document, at), severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning, code, source: 'DifFace', message };
}

/** What mends a problem: the first is what one takes without looking. */
export function codeActions(document: TextDocument, diagnosis: Diagnosis): readonly CodeAction[] {
  const diagnostics = [diagnosticOf(document, diagnosis)];
  const fixes = diagnosis.fixes.map(({ title, at, text }, i): CodeAction => ({
    title, kind: CodeActionKind.QuickFix, diagnostics, isPreferred: i === 0, edit: { changes: { [document.uri]: [{ range: rangeOf(document, at), newText: text }] } },
  }));
  const { install } = diagnosis;
  return install === undefined ? fixes : [...fixes, { title: 'Install the Weights...', kind: CodeActionKind.QuickFix, diagnostics, command: { title: 'Install the Weights...', command: 'difface.installWeights', arguments: [[install]] } }];
}

export function documentLink(document: TextDocument, { at, path }: Link): DocumentLink {
  return { range: rangeOf(document, at), target: pathToFileURL(path).href };
}

/** Of a cell, which runs as a whole, there is one. What is replayed is a lockfile on the disk. */
export function codeLenses(document: TextDocument, lenses: readonly Lens[], cell: boolean): readonly CodeLens[] {
  return lenses.filter(({ does, action }) => (does === 'run' ? !cell || action === 0 : document.uri.startsWith('file:'))).map(({ at, does, action }): CodeLens => ({
    range: rangeOf(document, at),
    command: does === 'run'
      ? { title: cell ? '$(play) Run Cell' : '$(play) Run', command: 'difface.runRecipeAction', arguments: [document.uri, action] }
      : { title: '$(debug-restart) Replay', tooltip: 'Make the result again and compare it bit for bit', command: 'difface.replay', arguments: [document.uri] },
  }));
}

export function semanticTokens(document: TextDocument, tokens: readonly Token[]): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { at, type, declares } of tokens) {
    const { line, character } = document.positionAt(at.start);
    builder.push(line, character, at.end - at.start, tokenTypes.indexOf(type), declares ? 1 : 0);
  }
  return builder.build();
}

export function documentSymbol(document: TextDocument, { name, detail, at, title, keys }: Entry): DocumentSymbol {
  return {
    name, detail, kind: SymbolKind.Function, range: rangeOf(document, at), selectionRange: rangeOf(document, title),
    children: keys.map((key) => ({ name: key.name, detail: key.detail, kind: SymbolKind.Property, range: rangeOf(document, key.at), selectionRange: rangeOf(document, key.title) })),
  };
}

/** The change from one text to another, without what is the same at both ends: cursors stay where they are. */
export function changeTo(document: TextDocument, text: string): TextEdit {
  const old = document.getText();
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old[start] === text[start]) start++;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === text.at(-1 - end)) end++;
  return { range: rangeOf(document, { start, end: old.length - end }), newText: text.slice(start, text.length - end) };
}
