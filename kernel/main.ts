import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './server.ts';

/** Entry of the kernel process: JSON-RPC over the channel the parent chose (IPC, stdio or a pipe). */
serve(createConnection(ProposedFeatures.all));
