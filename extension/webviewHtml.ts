import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** Where the page's own files lie in the package. */
export function webviewRoot(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'webview');
}

/** The page of an editor: one script and one style sheet of ours, nothing from the network, nothing inline. */
export function editorHtml(webview: Webview, extensionUri: Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const address = (name: string): string => webview.asWebviewUri(Uri.joinPath(webviewRoot(extensionUri), name)).toString();
  const policy = `default-src 'none'; img-src blob: ${webview.cspSource}; font-src ${webview.cspSource}; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DifFace</title>
<link rel="stylesheet" href="${address('codicon.css')}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${address('editor.css')}">
</head>
<body>
<difface-editor></difface-editor>
<script nonce="${nonce}" src="${address('editor.js')}"></script>
</body>
</html>`;
}
