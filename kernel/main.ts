import { createConnection, ProposedFeatures, ResponseError, type CancellationToken } from 'vscode-languageserver/node';
import { KernelFailure } from './failure.ts';
import { createHandlers, type KernelHandlers } from './handlers.ts';
import { notifications, requests, type FailureData } from './protocol.ts';

/** Entry of the kernel process: JSON-RPC over the channel the parent chose (IPC, stdio or a pipe). */
function main(): void {
  const connection = createConnection(ProposedFeatures.all);
  const handlers: KernelHandlers = createHandlers((progress) => void connection.sendNotification(notifications.restoreProgress, progress));

  connection.onInitialize(() => ({ capabilities: {}, serverInfo: { name: 'DifFace' } }));
  connection.onRequest(requests.info, () => answer(handlers.info()));
  connection.onRequest(requests.restore, (params, token) => answer(handlers.restore(params, abortSignal(token))));
  connection.listen();
}

/** Turns a failure a person should read into a response error that carries its kind; a bug stays an internal error. */
async function answer<R>(result: Promise<R>): Promise<R | ResponseError<FailureData>> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof KernelFailure) return new ResponseError<FailureData>(kernelFailureCode, error.message, { kind: error.kind });
    throw error;
  }
}

/** In the range JSON-RPC leaves to applications (its specification, section 5.1). */
const kernelFailureCode = 1;

function abortSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}

main();
