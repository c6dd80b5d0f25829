import { commands, window, type ExtensionContext } from 'vscode';

/** In a browser without a machine behind it there is neither ffmpeg nor a place for networks to run: say so instead of being silent. */
export function activate(context: ExtensionContext): void {
  const { contributes } = context.extension.packageJSON as { readonly contributes: { readonly commands: readonly { readonly command: string }[] } };
  for (const { command } of contributes.commands) {
    context.subscriptions.push(commands.registerCommand(command, () => {
      void window.showInformationMessage('DifFace runs ffmpeg and neural networks, which a browser alone cannot. Open the folder in VS Code on the desktop, or through a remote connection to a machine.');
    }));
  }
}
