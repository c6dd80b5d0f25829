import { ClipContent } from './clipContent.ts';
import type { KeptState } from './editorState.ts';
import type { Ask } from './host.ts';
import { PictureContent } from './pictureContent.ts';
import type { DocumentState, MediaInfo } from './protocol.ts';
import { faceFrames } from './viewer/faceFrames.ts';
import type { Size } from './viewer/panZoom.ts';
import type { Scene } from './viewer/scene.ts';

/** What a page holds of its file. */
export type Content = { readonly kind: 'picture'; readonly picture: PictureContent } | { readonly kind: 'clip'; readonly clip: ClipContent };

export interface ContentParts {
  readonly ask: Ask;
  readonly media: MediaInfo;
  readonly kept: KeptState;
  /** Of the stage, in pixels of the screen. */
  readonly room: Size;
  /** An earlier result is shown as restored. */
  readonly hasResult: boolean;
  readonly onChange: () => void;
  /** Undefined: it goes well again. */
  readonly onFailure: (message: string | undefined) => void;
}

export function openContent({ ask, media, kept, room, hasResult, onChange, onFailure }: ContentParts): Content {
  if (media.kind === 'picture') return { kind: 'picture', picture: new PictureContent(ask, hasResult, onChange, onFailure) };
  const clip = new ClipContent(ask, media, room, kept.position, hasResult, onChange, onFailure);
  clip.player.muted = kept.muted;
  return { kind: 'clip', clip };
}

export function closeContent(content: Content | undefined): void {
  if (content?.kind === 'clip') content.clip.dispose();
  else content?.picture.dispose();
}

export function tellContent(content: Content | undefined, state: DocumentState, anythingRestored: boolean): void {
  if (content?.kind === 'clip') content.clip.follow(anythingRestored, state.revision);
  else content?.picture.follow(state);
}

/** What the stage shows of it. @param frame under the playhead; faces are drawn where they are in it */
export function contentScene(content: Content, document: DocumentState, media: MediaInfo, frame: number, { mode, framesShown, strength }: Pick<Scene, 'mode' | 'framesShown' | 'strength'>): Scene {
  const size = media.kind === 'clip' ? { width: media.width * media.pixelAspect, height: media.height } : { width: media.width, height: media.height };
  const drawn = content.kind === 'clip' ? content.clip.picture : { frame: 0, picture: content.picture };
  return { size, frame: drawn?.frame ?? 0, original: drawn?.picture.original, restored: drawn?.picture.restored, mode, strength, faces: faceFrames(document, media, frame), framesShown };
}
