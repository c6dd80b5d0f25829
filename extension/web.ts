import { commands, window, type CustomDocument, type ExtensionContext, type Uri } from 'vscode';

const reason = 'DifFace runs ffmpeg and neural networks, which a browser alone cannot. Open the folder in VS Code on the desktop, or through a remote connection to a machine.';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly customEditors: readonly { readonly viewType: string }[];
  };
}

/** In a browser without a machine behind it there is neither ffmpeg nor a place for networks to run: say so instead of being silent. */
export function activate(context: ExtensionContext): void {
  const { contributes } = context.extension.packageJSON as Manifest;
  for (const { command } of contributes.commands) {
    context.subscriptions.push(commands.registerCommand(command, () => {
      void window.showInformationMessage(reason);
    }));
  }
  for (const { viewType } of contributes.customEditors) {
    context.subscriptions.push(window.registerCustomEditorProvider(viewType, {
      openCustomDocument: (uri: Uri): CustomDocument => ({ uri, dispose: () => undefined }),
      resolveCustomEditor: (_, panel) => {
        panel.webview.html = page;
      },
    }));
  }
}

const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><title>DifFace</title></head>
<body><h1>DifFace cannot work here</h1><p>${reason}</p></body>
</html>`;
