import type { ClipContent } from './clipContent.ts';
import { rangeOf } from './clipRange.ts';
import type { KeptState } from './editorState.ts';
import type { Ask } from './host.ts';
import { FrameIndex } from './player/frameIndex.ts';
import type { DocumentState, FromWebview, MediaInfo, WalkedFace } from './protocol.ts';
import { timecode } from './timeline/timecode.ts';
import type { TrajectoryContext } from './trajectory/trajectoryContext.ts';
import type { TrajectoryState } from './trajectory/trajectoryState.ts';
import { facesIn, walkedClip } from './walkedFace.ts';

/** Where the trajectory view stands, and what it may change there. */
export interface TrajectoryPlace {
  readonly ask: Ask;
  readonly tell: (message: FromWebview) => void;
  readonly media: MediaInfo;
  readonly model: string;
  readonly document: DocumentState;
  readonly of: WalkedFace;
  /** The face for which a panel was opened; undefined in the editor. */
  readonly opened: WalkedFace | undefined;
  readonly kept: KeptState;
  readonly clip: ClipContent | undefined;
  readonly onKeep: (part: Partial<KeptState>) => void;
  readonly onState: (part: Partial<TrajectoryState>) => void;
  readonly onCancel: () => void;
  readonly onBack: () => void;
}

/** What the trajectory view is given in the editor or in a panel of its own. */
export function trajectoryPlace({ ask, tell, media, model, document, of, opened, kept, clip, onKeep, onState, onCancel, onBack }: TrajectoryPlace): TrajectoryContext {
  const choose = (chosen: WalkedFace): void => {
    if (opened) {
      onKeep({ panel: { opened, of: chosen } });
      return;
    }
    if (clip && chosen.frame !== of.frame) clip.player.seek(chosen.frame);
    onState({ face: chosen.face });
  };
  const index = clip?.index ?? (media.kind === 'clip' ? FrameIndex.estimated(media) : undefined);
  return {
    ask, tell, document, model, of, faces: facesIn(document, of.frame).map(({ number }) => number), state: kept.trajectory, inEditor: opened === undefined,
    clip: index && walkedClip(document, of, rangeOf(kept, index.count), (frame) => timecode(index.seconds(Math.min(frame, index.count - 1)), true), (frame) => { choose({ ...of, frame }); }),
    onState, onFace: (face) => { choose({ ...of, face }); }, onCancel, onBack: () => { if (!opened) onBack(); },
  };
}

export function sameFace(a: WalkedFace, b: WalkedFace): boolean {
  return a.face === b.face && a.frame === b.frame;
}
