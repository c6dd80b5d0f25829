import type { ClipContent } from './clipContent.ts';
import { beginningAt, endingAt, rangeOf } from './clipRange.ts';
import { togglePlay } from './clipSection.ts';
import type { KeptState } from './editorState.ts';
import { belongsToControl, escapesField, handleKey, movesPlayhead } from './keys.ts';
import type { DocumentState, FromWebview } from './protocol.ts';
import { fitting } from './viewer/panZoom.ts';
import type { Mode } from './viewer/scene.ts';
import type { Stage } from './viewer/stage.ts';

/** What the actions are done to, as it is now. */
export interface ActedOn {
  readonly kept: KeptState;
  readonly document: DocumentState | undefined;
  readonly clip: ClipContent | undefined;
  readonly stage: Stage | undefined;
  /** The file is there. */
  readonly open: boolean;
  readonly anythingRestored: boolean;
  /** There is a face whose walk can be looked at. */
  readonly walkable: boolean;
}

/** What a person can do in an editor, by a control or by a key. */
export class EditorActions {
  constructor(private readonly now: () => ActedOn, private readonly tell: (message: FromWebview) => void, private readonly keep: (part: Partial<KeptState>) => void, private readonly onPicture: () => void) {}

  listen(): void {
    document.addEventListener('keydown', this.onKey);
    document.addEventListener('keydown', (event) => {
      if (!this.working || !escapesField(event)) return;
      event.stopPropagation();
      this.cancel();
    }, { capture: true });                                              // before lists, which keep Escape to themselves
    document.addEventListener('keyup', ({ key }) => { if (key === ' ' || key.toLowerCase() === 'h') this.peek(false); });
    window.addEventListener('blur', () => { this.peek(false); });
  }

  /** The part of a clip that is to be restored; undefined where it is all of it. */
  get range(): { readonly first: number; readonly last: number } | undefined {
    const { clip, kept } = this.now();
    return clip && rangeOf(kept, clip.index.count);
  }

  readonly restore = (): void => {
    if (this.now().document?.job) return;
    this.keep({ following: true });
    this.tell({ kind: 'restore', range: this.range });
  };

  readonly cancel = (): void => { this.tell({ kind: 'cancel' }); };

  readonly findFaces = (): void => { this.tell({ kind: 'findFaces' }); };

  readonly showLog = (): void => { this.tell({ kind: 'showLog' }); };

  readonly toggleFace = (number: number): void => {
    const { document } = this.now();
    if (document && !document.job) this.tell({ kind: 'leaveOut', number, out: !document.leftOut.includes(number) });
  };

  readonly toggleTrajectory = (): void => {
    const { kept: { trajectory }, clip, walkable } = this.now();
    if (!trajectory.open && !walkable) return;
    clip?.player.pause();
    this.keep({ following: false, trajectory: { ...trajectory, open: !trajectory.open } });
    if (trajectory.open) this.onPicture();
  };

  readonly play = (): void => {
    const { clip, kept } = this.now();
    if (!clip) return;
    this.keep({ following: false });
    togglePlay(clip, kept);
  };

  readonly setIn = (): void => {
    const { clip, kept } = this.now();
    if (clip) this.keep(beginningAt(clip.player.position, kept));
  };

  readonly setOut = (): void => {
    const { clip, kept } = this.now();
    if (clip) this.keep(endingAt(clip.player.position, kept));
  };

  readonly show = (mode: Mode): void => { if (this.now().anythingRestored) this.keep({ mode }); };

  readonly toggleFrames = (): void => { this.keep({ framesShown: !this.now().kept.framesShown }); };

  readonly fit = (): void => this.now().stage?.setView(fitting);

  readonly actualSize = (): void => this.now().stage?.zoomTo(1 / devicePixelRatio);

  private readonly peek = (on: boolean): void => this.now().stage?.peek(on);

  private get working(): boolean {
    const { document } = this.now();
    return Boolean(document?.job) || document?.faces.kind === 'finding';
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const { open, kept, clip, stage } = this.now();
    if (!open || kept.trajectory.open || belongsToControl(event)) return;
    if (movesPlayhead(event)) this.keep({ following: false });
    const handled = handleKey(event, {
      player: clip?.player, mode: kept.mode,
      onPlay: this.play, onMode: this.show, onPeek: this.peek, onFit: this.fit, onActual: this.actualSize, onZoom: (factor) => stage?.zoomBy(factor), onPan: (dx, dy) => stage?.panBy(dx, dy),
      onIn: this.setIn, onOut: this.setOut, onFrames: this.toggleFrames, onRestore: this.restore, onTrajectory: this.toggleTrajectory, onCancel: () => { if (this.working) this.cancel(); },
    });
    if (handled) event.preventDefault();
  };
}
