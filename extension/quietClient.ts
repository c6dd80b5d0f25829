import { LanguageClient, State } from 'vscode-languageclient/node';

/** A client that writes what goes wrong with its process into the log and leaves it to its owner to tell a person: the library would show its own messages, several for one failure. */
export class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Stopping what does not run is no failure; the library stops a client by itself when it could not be started. */
  override async stop(timeout?: number): Promise<void> {
    if (this.state === State.Running) await super.stop(timeout);
  }
}
