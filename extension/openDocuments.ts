import type { Uri } from 'vscode';
import { MediaDocument, type Surroundings } from './mediaDocument.ts';
import { originalOf } from './origins.ts';
import { stampOf } from './watchFile.ts';

/** The files that are open: an editor and a trajectory of one file share one document. */
export class OpenDocuments {
  private readonly documents = new Map<string, Promise<MediaDocument>>();

  constructor(private readonly around: Surroundings) {}

  /** Whoever opens it disposes of it. @throws Error for a file that is not on a disk */
  async open(uri: Uri): Promise<MediaDocument> {
    if (uri.scheme !== 'file') throw new Error(`DifFace runs ffmpeg and neural networks on files of this machine; ${uri.scheme}: is a virtual file system. Save a copy to the disk and open that.`);
    const key = uri.toString();
    const open = this.documents.get(key);
    if (open) return (await open).share();
    const document = this.create(uri, () => this.documents.delete(key));
    this.documents.set(key, document);
    return document;
  }

  private async create(uri: Uri, onEnd: () => void): Promise<MediaDocument> {
    const source = (await originalOf(uri, this.around.origins)) ?? uri;
    return new MediaDocument({ uri, source, stamp: await stampOf(source.fsPath) }, this.around, onEnd);
  }
}
