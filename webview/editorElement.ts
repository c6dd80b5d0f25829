import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { ClipContent } from './clipContent.ts';
import { beginningAt, endingAt, rangeOf } from './clipRange.ts';
import { recalled, type KeptState } from './editorState.ts';
import { header } from './header.ts';
import { Host } from './host.ts';
import { icon } from './icon.ts';
import { belongsToControl, handleKey, movesPlayhead } from './keys.ts';
import { noFaceNotice, openingNotice, unreadableNotice } from './notices.ts';
import { PictureContent } from './pictureContent.ts';
import { FrameIndex } from './player/frameIndex.ts';
import type { DocumentState, ToWebview, WalkedFace } from './protocol.ts';
import { faceStrip } from './restore/faceStrip.ts';
import { restoreBar } from './restore/restoreBar.ts';
import { timecode } from './timeline/timecode.ts';
import { timeline } from './timeline/timeline.ts';
import { transport } from './timeline/transport.ts';
import type { TrajectoryContext } from './trajectory/trajectoryContext.ts';
import type { TrajectoryState } from './trajectory/trajectoryState.ts';
import { faceFrames } from './viewer/faceFrames.ts';
import { fitting } from './viewer/panZoom.ts';
import { Stage } from './viewer/stage.ts';
import { chosenFace, facesIn, walkedClip } from './walkedFace.ts';

type Shown = Extract<ToWebview, { readonly kind: 'show' }>;
type Content = { readonly kind: 'picture'; readonly picture: PictureContent } | { readonly kind: 'clip'; readonly clip: ClipContent };

/** The page of both editors. What the extension says and what a person does ends here, and everything on the page is drawn from it. */
export class DiffaceEditor extends LitElement {
  private readonly host = new Host<KeptState>((message) => { this.receive(message); });
  private readonly ask = this.host.ask.bind(this.host);
  private kept: KeptState = recalled(this.host.recall());
  private shown: Shown | undefined;
  private unreadable: Extract<ToWebview, { readonly kind: 'unreadable' }> | undefined;
  private stateNow: DocumentState | undefined;
  private content: Content | undefined;
  private stage: Stage | undefined;
  private strength: number | undefined;
  private problem: string | undefined;
  /** The playhead goes with the frames that are restored, until a person moves it. */
  private following = false;
  private saveTimer = 0;
  private scrolledTo = -1;

  /** One style sheet for all of the page. */
  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.onKey);
    document.addEventListener('keyup', (event) => {
      if (event.key === ' ' || event.key.toLowerCase() === 'h') this.stage?.peek(false);
    });
    window.addEventListener('blur', () => this.stage?.peek(false));
    performance.mark('difface-ready');
    this.host.tell({ kind: 'ready' });
  }

  protected override render(): TemplateResult {
    const { shown, stateNow, unreadable } = this;
    const onLog = (): void => { this.host.tell({ kind: 'showLog' }); };
    if (unreadable) return unreadableNotice(unreadable.message, unreadable.gone, () => { this.host.tell({ kind: 'reload' }); }, onLog);
    if (!shown || !stateNow) return openingNotice();
    if (shown.look.kind === 'trajectory') return this.trajectory(shown, stateNow, this.kept.panel && sameFace(this.kept.panel.opened, shown.look.of) ? this.kept.panel.of : shown.look.of, shown.look.of);
    if (this.kept.trajectory.open) {
      const face = chosenFace(stateNow, this.kept.trajectory.face, this.frame);
      return html`
        ${face === undefined ? noFaceNotice(stateNow.faces.kind === 'found' ? 'There is no face here.' : 'No face is known yet; Restore looks for them.') : this.trajectory(shown, stateNow, { face, frame: this.frame }, undefined)}
        <footer>${this.footer(shown, stateNow)}</footer>`;
    }
    return html`
      ${this.header(shown, stateNow)}
      <div class="stage" tabindex="0" role="group" aria-label="${shown.name}, ${this.kept.mode}"></div>
      ${this.content?.kind === 'picture' && !this.content.picture.original && this.problem === undefined ? html`<div class="problem hint" role="status">${icon('loading codicon-modifier-spin')} Decoding the picture</div>` : nothing}
      ${this.problem === undefined ? nothing : html`<div class="problem" role="alert">${icon('warning')} ${this.problem}</div>`}
      ${this.below(stateNow)}
      <footer>${this.footer(shown, stateNow)}</footer>`;
  }

  protected override updated(): void {
    const element = this.querySelector<HTMLElement>('.stage');
    if (this.shown?.look.kind === 'editor' && !this.content) this.openContent(this.shown, element ?? this);
    if (!element) {
      this.stage = undefined;
      return;
    }
    if (this.stage?.element !== element) {
      this.stage = new Stage(element, {
        onView: (view) => { this.keep({ view }); this.sharpen(); },
        onWipe: (wipe) => { this.keep({ wipe }); },
        onFace: (number) => { this.toggleFace(number); },
      });
      this.stage.view = this.kept.view;
      this.stage.wipe = this.kept.wipe;
    }
    this.paint();
    this.scrollToPlayhead();
  }

  /** A timeline that is drawn apart goes with the playhead. */
  private scrollToPlayhead(): void {
    const lanes = this.querySelector<HTMLElement>('.lanes');
    if (!lanes || this.content?.kind !== 'clip' || this.content.clip.player.position === this.scrolledTo) return;
    const { index, player } = this.content.clip;
    this.scrolledTo = player.position;
    const x = (index.seconds(player.position) / index.duration) * lanes.scrollWidth;
    if (x < lanes.scrollLeft + 8 || x > lanes.scrollLeft + lanes.clientWidth - 8) lanes.scrollLeft = x - lanes.clientWidth / 3;
  }

  private header({ media, name, result }: Shown, { faces }: DocumentState): TemplateResult {
    const { mode, framesShown } = this.kept;
    return header({
      media, name, result, faces, mode: this.anythingRestored ? mode : 'original', framesShown, anythingRestored: this.anythingRestored,
      onMode: (chosen) => { this.keep({ mode: chosen }); }, onFrames: () => { this.keep({ framesShown: !framesShown }); },
      onFit: () => this.stage?.setView(fitting), onActual: () => { this.actualSize(); },
    });
  }

  private below(state: DocumentState): TemplateResult {
    const { content, kept } = this;
    if (content?.kind === 'picture') return faceStrip(state, content.picture.crops, (number) => { this.toggleFace(number); });
    if (!content) return html``;
    const { player, index, thumbnails } = content.clip;
    const { inPoint, outPoint, timelineZoom: zoom } = kept;
    const clear = { inPoint: undefined, outPoint: undefined };
    return html`
      ${transport({
        player, index, sound: this.shown?.media.kind === 'clip' && this.shown.media.sound, inPoint, outPoint, zoom,
        onPlay: () => { this.togglePlay(); }, onIn: () => { this.setIn(); }, onOut: () => { this.setOut(); }, onClear: () => { this.keep(clear); }, onZoom: (timelineZoom) => { this.keep({ timelineZoom }); },
      })}
      ${timeline({
        index, position: player.position, inPoint, outPoint, zoom, width: Math.max(200, this.clientWidth - 96), document: state, thumbnails,
        onSeek: (frame) => { this.following = false; player.seek(frame); }, onLane: (number) => { this.toggleFace(number); }, onFindFaces: () => { this.host.tell({ kind: 'findFaces' }); }, onCancel: () => { this.host.tell({ kind: 'cancel' }); },
      })}`;
  }

  private footer({ models, model }: Shown, state: DocumentState): TemplateResult {
    const range = this.range;
    return restoreBar({
      document: state, models, model, more: this.kept.more,
      part: range ? `frames ${range.first + 1} to ${range.last + 1}` : undefined,
      onOptions: (options) => { this.strength = undefined; this.host.tell({ kind: 'options', options }); },
      onStrength: (strength) => { this.strength = strength; this.requestUpdate(); },
      onMore: () => { this.keep({ more: !this.kept.more }); },
      trajectory: this.kept.trajectory.open, walkable: this.walkable, onTrajectory: () => { this.toggleTrajectory(); },
      onRestore: () => { this.restore(); }, onCancel: () => { this.host.tell({ kind: 'cancel' }); },
      onExport: (choosePlace) => { this.host.tell({ kind: 'export', choosePlace }); }, onReveal: (path) => { this.host.tell({ kind: 'reveal', path }); }, onLog: () => { this.host.tell({ kind: 'showLog' }); },
    });
  }

  private receive(message: Exclude<ToWebview, { readonly kind: 'answer' | 'noAnswer' }>): void {
    switch (message.kind) {
      case 'show':
        this.close();
        this.shown = message;
        this.stateNow = message.document;
        this.unreadable = this.problem = undefined;
        break;
      case 'unreadable':
        this.close();
        this.unreadable = message;
        break;
      case 'document':
        if (this.stateNow) this.follow({ ...this.stateNow, ...message.document });
        break;
      case 'frameRestored':
        if (this.content?.kind === 'clip' && this.stateNow) {
          this.stateNow = { ...this.stateNow, restored: [...this.stateNow.restored, message.frame] };
          this.content.clip.frameRestored(message.frame);
          if (this.following && !this.content.clip.player.playing) this.content.clip.player.seek(message.frame);
          if (this.kept.mode === 'original') this.keep({ mode: 'split' });
        }
        break;
      case 'mode':
        this.keep({ mode: message.mode });
        break;
      default:
        message satisfies never;
    }
    this.requestUpdate();
  }

  private follow(state: DocumentState): void {
    const before = this.stateNow;
    this.stateNow = state;
    if (before?.job?.what === 'restore' && !state.job) {
      this.following = false;
      if (state.outcome.kind === 'restored' && this.kept.mode === 'original') this.keep({ mode: 'split' });
    }
    if (this.content?.kind === 'clip') this.content.clip.follow(state);
    else this.content?.picture.follow(state);
  }

  private openContent({ media, result }: Shown, element: HTMLElement): void {
    const { ask } = this;
    const changed = (): void => { this.requestUpdate(); this.keep({}); };
    const failed = (message: string): void => { this.problem = message; this.requestUpdate(); };
    const hasResult = result !== undefined;
    if (media.kind === 'picture') this.content = { kind: 'picture', picture: new PictureContent(ask, hasResult, changed, failed) };
    else {
      const room = { width: element.clientWidth * devicePixelRatio, height: element.clientHeight * devicePixelRatio };
      this.content = { kind: 'clip', clip: new ClipContent(ask, media, room, this.kept.position, hasResult, changed, failed) };
      this.content.clip.player.setMuted(this.kept.muted);
    }
    if (this.stateNow) this.follow(this.stateNow);
    if (hasResult && this.kept.mode === 'original') this.keep({ mode: 'split' });
    this.requestUpdate();
  }

  private close(): void {
    if (this.content?.kind === 'clip') this.content.clip.dispose();
    else this.content?.picture.dispose();
    this.content = undefined;
    this.shown = undefined;
  }

  private paint(): void {
    const { content, shown, stage, stateNow } = this;
    if (!content || !shown || !stage || !stateNow) return;
    const { media } = shown;
    const size = media.kind === 'clip' ? { width: media.width * media.pixelAspect, height: media.height } : { width: media.width, height: media.height };
    const { frame, picture } = content.kind === 'clip' ? (content.clip.picture ?? { frame: 0, picture: undefined }) : { frame: 0, picture: content.picture };
    stage.show({
      size, frame, original: picture?.original, restored: picture?.restored, mode: this.anythingRestored ? this.kept.mode : 'original',
      strength: this.strength ?? stateNow.options.strength ?? 1, faces: faceFrames(stateNow, media, this.frame), framesShown: this.kept.framesShown,
    });
    this.sharpen();
  }

  /** Frame under the playhead; 0 in a picture. */
  private get frame(): number {
    return this.content?.kind === 'clip' ? this.content.clip.player.position : this.shown?.media.kind === 'clip' ? this.kept.position : 0;
  }

  private get walkable(): boolean {
    return this.stateNow !== undefined && chosenFace(this.stateNow, null, this.frame) !== undefined;
  }

  /** @param opened the face for which a panel was opened; undefined in the editor */
  private trajectory({ media, model }: Shown, document: DocumentState, of: WalkedFace, opened: WalkedFace | undefined): TemplateResult {
    const choose = (chosen: WalkedFace): void => {
      if (opened) this.keep({ panel: { opened, of: chosen } });
      else {
        if (this.content?.kind === 'clip' && chosen.frame !== of.frame) this.content.clip.player.seek(chosen.frame);
        this.keepTrajectory({ face: chosen.face });
      }
    };
    const index = this.content?.kind === 'clip' ? this.content.clip.index : media.kind === 'clip' ? FrameIndex.estimated(media) : undefined;
    const context: TrajectoryContext = {
      ask: this.ask, tell: (message) => { this.host.tell(message); }, document, model, of, faces: facesIn(document, of.frame).map(({ number }) => number), state: this.kept.trajectory, inEditor: opened === undefined,
      clip: index && walkedClip(document, of, rangeOf(this.kept, index.count), (frame) => timecode(index.seconds(Math.min(frame, index.count - 1)), true), (frame) => { choose({ ...of, frame }); }),
      onState: (part) => { this.keepTrajectory(part); }, onFace: (face) => { choose({ ...of, face }); }, onCancel: () => { this.host.tell({ kind: 'cancel' }); }, onBack: () => { if (!opened) this.toggleTrajectory(); },
    };
    return html`<difface-trajectory .context=${context}></difface-trajectory>`;
  }

  private toggleTrajectory(): void {
    const { open } = this.kept.trajectory;
    if (!open && !this.walkable) return;
    if (this.content?.kind === 'clip') this.content.clip.player.pause();
    this.following = false;
    this.keepTrajectory({ open: !open });
    if (open) void this.updateComplete.then(() => { this.querySelector<HTMLElement>('.stage')?.focus(); });
  }

  private keepTrajectory(part: Partial<TrajectoryState>): void {
    this.keep({ trajectory: { ...this.kept.trajectory, ...part } });
  }

  private get anythingRestored(): boolean {
    return (this.stateNow?.restored.length ?? 0) > 0 || this.shown?.result !== undefined;
  }

  private get range(): { readonly first: number; readonly last: number } | undefined {
    return this.content?.kind === 'clip' ? rangeOf(this.kept, this.content.clip.index.count) : undefined;
  }

  private restore(): void {
    if (this.stateNow?.job) return;
    this.following = true;
    this.host.tell({ kind: 'restore', range: this.range });
  }

  private toggleFace(number: number): void {
    if (this.stateNow && !this.stateNow.job) this.host.tell({ kind: 'leaveOut', number, out: !this.stateNow.leftOut.includes(number) });
  }

  private togglePlay(): void {
    if (this.content?.kind !== 'clip') return;
    this.following = false;
    const { player } = this.content.clip;
    if (player.playing) player.pause();
    else {
      const { inPoint, outPoint } = this.kept;
      if (inPoint !== undefined && player.position >= (outPoint ?? this.content.clip.index.count - 1)) player.seek(inPoint);
      player.play(1, outPoint !== undefined && player.position < outPoint ? outPoint : undefined);
    }
  }

  private setIn(): void {
    if (this.content?.kind === 'clip') this.keep(beginningAt(this.content.clip.player.position, this.kept));
  }

  private setOut(): void {
    if (this.content?.kind === 'clip') this.keep(endingAt(this.content.clip.player.position, this.kept));
  }

  private actualSize(): void {
    this.stage?.zoomTo(1 / devicePixelRatio);
  }

  private sharpen(): void {
    if (this.content?.kind === 'clip' && this.stage) this.content.clip.sharpen(this.stage.zoom * devicePixelRatio);
  }

  private keep(part: Partial<KeptState>): void {
    const playback = this.content?.kind === 'clip' ? { position: this.content.clip.player.position, muted: this.content.clip.player.muted } : {};
    this.kept = { ...this.kept, ...playback, ...part };
    clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => { this.host.keep(this.kept); }, 200);
    this.requestUpdate();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (!this.content || this.kept.trajectory.open || belongsToControl(event)) return;
    const player = this.content.kind === 'clip' ? this.content.clip.player : undefined;
    if (movesPlayhead(event)) this.following = false;
    const handled = handleKey(event, {
      player, mode: this.kept.mode,
      onPlay: () => { this.togglePlay(); }, onMode: (mode) => { if (this.anythingRestored) this.keep({ mode }); }, onPeek: (on) => this.stage?.peek(on),
      onFit: () => this.stage?.setView(fitting), onActual: () => { this.actualSize(); }, onZoom: (factor) => this.stage?.zoomBy(factor), onPan: (dx, dy) => this.stage?.panBy(dx, dy),
      onIn: () => { this.setIn(); }, onOut: () => { this.setOut(); }, onFrames: () => { this.keep({ framesShown: !this.kept.framesShown }); },
      onRestore: () => { this.restore(); }, onTrajectory: () => { this.toggleTrajectory(); }, onCancel: () => { if (this.stateNow?.job || this.stateNow?.faces.kind === 'finding') this.host.tell({ kind: 'cancel' }); },
    });
    if (handled) event.preventDefault();
  };
}

function sameFace(a: WalkedFace, b: WalkedFace): boolean {
  return a.face === b.face && a.frame === b.frame;
}
