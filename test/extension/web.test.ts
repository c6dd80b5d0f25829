import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, it } from 'mocha';
import { root } from '../cli/command.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[]; readonly customEditors: readonly { readonly viewType: string }[] };
}

describe('the extension in a browser', () => {
  it('loads with nothing but `vscode`, and says for every command and every editor why it cannot work', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
    const said: string[] = [];
    const ran = new Map<string, () => void>();
    const shown = new Map<string, { resolveCustomEditor: (document: unknown, panel: { webview: { html: string } }) => void }>();
    const vscode = {
      commands: { registerCommand: (name: string, run: () => void) => ran.set(name, run) },
      window: {
        showInformationMessage: (text: string) => said.push(text),
        registerCustomEditorProvider: (viewType: string, provider: { resolveCustomEditor: () => void }) => shown.set(viewType, provider),
      },
    };
    const loaded: { exports: { activate?: (context: unknown) => void } } = { exports: {} };
    const require = (name: string): unknown => {
      assert.equal(name, 'vscode', `a browser has no module ${name}`);
      return vscode;
    };
    runInNewContext(readFileSync(join(root, 'dist', 'web.cjs'), 'utf8'), { module: loaded, exports: loaded.exports, require });
    const { commands, customEditors } = manifest.contributes;
    loaded.exports.activate!({ subscriptions: [], extension: { packageJSON: manifest } });
    for (const { command } of commands) ran.get(command)!();
    assert.equal(said.filter((text) => text.includes('which a browser alone cannot')).length, commands.length);
    for (const { viewType } of customEditors) {
      const webview = { html: '' };
      shown.get(viewType)!.resolveCustomEditor({}, { webview });
      assert.match(webview.html, /which a browser alone cannot/);
    }
  });
});
