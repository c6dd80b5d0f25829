import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serveLanguage } from './languageServer/serve.ts';

/** Entry of the process that answers what editors ask about recipes, over the channel the parent chose: it is never busy with pixels. */
serveLanguage(createConnection(ProposedFeatures.all));
