import { ResponseError, type CancellationToken, type Connection } from 'vscode-languageserver/node';
import { KernelFailure } from './failure.ts';
import { createHandlers } from './handlers.ts';
import { notifications, questions, requests, type FailureData, type KernelHandlers, type KernelSettings } from './protocol.ts';
import { checkParams } from './requestParams.ts';

/** Answers the protocol's requests on a connection, whatever carries it. */
export function serve(connection: Connection): void {
  connection.onInitialize(({ initializationOptions }: { readonly initializationOptions?: KernelSettings }) => {
    const { handlers, dispose } = createHandlers({
      progress: (progress) => void connection.sendNotification(notifications.progress, progress),
      device: (device) => void connection.sendNotification(notifications.device, device),
      // an editor that does not know the question has not agreed
      deviceFailed: (failure) => connection.sendRequest(questions.deviceFailed, failure).catch(() => false),
      weights: (progress) => void connection.sendNotification(notifications.weights, progress),
    }, initializationOptions ?? {});
    register(connection, handlers);
    connection.onShutdown(dispose);
    return { capabilities: {}, serverInfo: { name: 'DifFace' } };
  });
  connection.listen();
}

function register(connection: Connection, handlers: KernelHandlers): void {
  const { info, ...withParams } = requests;
  connection.onRequest(info, () => answer(handlers.info()));
  for (const name of Object.keys(withParams) as (keyof typeof withParams)[]) {
    const handle = handlers[name] as (params: unknown, signal: AbortSignal) => Promise<unknown>;
    // one object as parameters; without any, or with a list, there are fewer or more arguments before the token
    connection.onRequest(withParams[name].method, (...args: unknown[]) => {
      const token = args.pop() as CancellationToken;
      return answer(Promise.resolve().then(() => handle(checkParams(name, args.length === 1 ? args[0] : undefined), abortSignal(token))));
    });
  }
}

/** Turns a failure a person should read into a response error that carries its kind; a bug stays an internal error. */
async function answer<R>(result: Promise<R>): Promise<R | ResponseError<FailureData>> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof KernelFailure) return new ResponseError<FailureData>(kernelFailureCode, error.message, { kind: error.kind });
    if (error instanceof Error && error.name === 'AbortError') return new ResponseError<FailureData>(kernelFailureCode, 'cancelled', { kind: 'cancelled' });
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
