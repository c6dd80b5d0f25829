import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { Announcer } from './announcer.ts';
import { ClipContent } from './clipContent.ts';
import { beginningAt, endingAt, rangeOf } from './clipRange.ts';
import { clipSection, showPlayhead, togglePlay } from './clipSection.ts';
import { recalled, type KeptState } from './editorState.ts';
import { header } from './header.ts';
import { Host } from './host.ts';
import { icon } from './icon.ts';
import { belongsToControl, escapesField, handleKey, movesPlayhead } from './keys.ts';
import { noFaceNotice, openingNotice, unreadableNotice } from './notices.ts';
import { PictureContent } from './pictureContent.ts';
import type { DocumentState, Outcome, ToWebview } from './protocol.ts';
import { faceStrip } from './restore/faceStrip.ts';
import { restoreBar } from './restore/restoreBar.ts';
import { saidOutcome, standingOutcome } from './saidOutcome.ts';
import { StateKeeper } from './stateKeeper.ts';
import { FrameRuns } from './timeline/frameRuns.ts';
import type { TrajectoryState } from './trajectory/trajectoryState.ts';
import { faceFrames } from './viewer/faceFrames.ts';
import { fitting } from './viewer/panZoom.ts';
import { Stage } from './viewer/stage.ts';
import { sameFace, trajectoryPlace, type TrajectoryPlace } from './trajectoryPlace.ts';
import { chosenFace } from './walkedFace.ts';

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
  /** Of a clip: the frames that are restored. Of a picture: its faces. */
  private restored = new FrameRuns();
  private scrolledTo = -1;
  private readonly keeper = new StateKeeper<KeptState>((state) => { this.host.keep(state); });
  private readonly announcer = new Announcer();

  /** One style sheet for all of the page. */
  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.onKey);
    document.addEventListener('keydown', (event) => {
      if (!this.working || !escapesField(event)) return;
      event.stopPropagation();
      this.cancel();
    }, { capture: true });                                              // before lists, which keep Escape to themselves
    document.addEventListener('keyup', (event) => {
      if (event.key === ' ' || event.key.toLowerCase() === 'h') this.stage?.peek(false);
    });
    window.addEventListener('blur', () => this.stage?.peek(false));
    window.addEventListener('pagehide', () => { this.keeper.flush(); });
    document.addEventListener('visibilitychange', () => { this.keeper.flush(); });
    performance.mark('difface-ready');
    this.host.tell({ kind: 'ready' });
  }

  protected override render(): TemplateResult {
    const { shown, stateNow, unreadable } = this;
    const onLog = (): void => { this.host.tell({ kind: 'showLog' }); };
    if (unreadable) return unreadableNotice(unreadable.message, unreadable.gone, () => { this.host.tell({ kind: 'reload' }); }, onLog);
    if (!shown || !stateNow) return openingNotice();
    return html`
      ${this.place(shown, stateNow)}
      <div class="announced" role="status">${this.announcer.text({ job: stateNow.job, outcome: this.outcome(stateNow) }, performance.now())}</div>`;
  }

  private place(shown: Shown, stateNow: DocumentState): TemplateResult {
    const { look } = shown;
    if (look.kind === 'trajectory') return this.trajectory(shown, stateNow, this.kept.panel && sameFace(this.kept.panel.opened, look.of) ? this.kept.panel.of : look.of, look.of);
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

  private scrollToPlayhead(): void {
    const lanes = this.querySelector('.lanes');
    if (!lanes || this.content?.kind !== 'clip' || this.content.clip.player.position === this.scrolledTo) return;
    this.scrolledTo = this.content.clip.player.position;
    showPlayhead(lanes, this.content.clip);
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
    return clipSection({
      clip: content.clip, kept, document: state, restored: this.restored, sound: this.shown?.media.kind === 'clip' && this.shown.media.sound, width: Math.max(200, this.clientWidth - 97), lanes: this.querySelector('.lanes'),
      onPlay: () => { this.play(); }, onIn: () => { this.setIn(); }, onOut: () => { this.setOut(); }, onKeep: (part) => { this.keep(part); }, onScroll: () => { this.requestUpdate(); },
      onLane: (number) => { this.toggleFace(number); }, onFindFaces: () => { this.host.tell({ kind: 'findFaces' }); }, onCancel: () => { this.cancel(); },
    });
  }

  private footer({ models, model }: Shown, state: DocumentState): TemplateResult {
    const range = this.range;
    return restoreBar({
      document: state, outcome: this.outcome(state), anythingRestored: !this.restored.empty, models, model, more: this.kept.more,
      part: range ? `frames ${range.first + 1} to ${range.last + 1}` : undefined,
      onOptions: (options) => { this.strength = undefined; this.host.tell({ kind: 'options', options }); },
      onStrength: (strength) => { this.strength = strength; this.requestUpdate(); },
      onMore: () => { this.keep({ more: !this.kept.more }); },
      trajectory: this.kept.trajectory.open, walkable: this.walkable, onTrajectory: () => { this.toggleTrajectory(); },
      onRestore: () => { this.restore(); }, onCancel: () => { this.cancel(); },
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
        this.resume(message.document);
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
          this.restored.add(message.frame);
          this.content.clip.frameRestored(message.frame);
          if (this.kept.following && !this.content.clip.player.playing) this.content.clip.player.seek(message.frame);
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

  /** Goes on where the page was before it was hidden: with a restoration that went on meanwhile, at its last frame. */
  private resume(state: DocumentState): void {
    this.restored = new FrameRuns(state.restored);
    const following = this.kept.following && state.job?.what === 'restore';
    this.keep({ said: saidOutcome(this.kept.said, state), following, ...(following ? { position: state.restored.at(-1) ?? this.kept.position } : {}) });
  }

  private follow(state: DocumentState): void {
    const before = this.stateNow;
    this.stateNow = state;
    if (state.restored !== before?.restored) this.restored = new FrameRuns(state.restored);
    this.keep({ said: saidOutcome(this.kept.said, state) });
    if (before?.job?.what === 'restore' && !state.job) {
      this.keep({ following: false });
      if (state.outcome.kind === 'restored' && this.kept.mode === 'original') this.keep({ mode: 'split' });
    }
    this.tellContent(state);
  }

  private tellContent(state: DocumentState): void {
    if (this.content?.kind === 'clip') this.content.clip.follow(!this.restored.empty, state.revision);
    else this.content?.picture.follow(state);
  }

  private outcome(state: DocumentState): Outcome {
    return standingOutcome(this.kept.said, state);
  }

  private openContent({ media, result }: Shown, element: HTMLElement): void {
    const { ask } = this;
    const changed = (): void => { this.requestUpdate(); this.keep({}); };
    const failed = (message: string | undefined): void => { this.problem = message; this.requestUpdate(); };
    const hasResult = result !== undefined;
    if (media.kind === 'picture') this.content = { kind: 'picture', picture: new PictureContent(ask, hasResult, changed, failed) };
    else {
      const room = { width: element.clientWidth * devicePixelRatio, height: element.clientHeight * devicePixelRatio };
      this.content = { kind: 'clip', clip: new ClipContent(ask, media, room, this.kept.position, hasResult, changed, failed) };
      this.content.clip.player.setMuted(this.kept.muted);
    }
    if (this.stateNow) this.tellContent(this.stateNow);
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
  private trajectory({ media, model }: Shown, document: DocumentState, of: TrajectoryPlace['of'], opened: TrajectoryPlace['opened']): TemplateResult {
    const context = trajectoryPlace({
      ask: this.ask, tell: (message) => { this.host.tell(message); }, media, model, document, of, opened, kept: this.kept, clip: this.content?.kind === 'clip' ? this.content.clip : undefined,
      onKeep: (part) => { this.keep(part); }, onState: (part) => { this.keepTrajectory(part); }, onCancel: () => { this.cancel(); }, onBack: () => { this.toggleTrajectory(); },
    });
    return html`<difface-trajectory .context=${context}></difface-trajectory>`;
  }

  private toggleTrajectory(): void {
    const { open } = this.kept.trajectory;
    if (!open && !this.walkable) return;
    if (this.content?.kind === 'clip') this.content.clip.player.pause();
    this.keep({ following: false });
    this.keepTrajectory({ open: !open });
    if (open) void this.updateComplete.then(() => { this.querySelector<HTMLElement>('.stage')?.focus(); });
  }

  private keepTrajectory(part: Partial<TrajectoryState>): void {
    this.keep({ trajectory: { ...this.kept.trajectory, ...part } });
  }

  private get anythingRestored(): boolean {
    return !this.restored.empty || this.shown?.result !== undefined;
  }

  private get range(): { readonly first: number; readonly last: number } | undefined {
    return this.content?.kind === 'clip' ? rangeOf(this.kept, this.content.clip.index.count) : undefined;
  }

  private get working(): boolean {
    return Boolean(this.stateNow?.job) || this.stateNow?.faces.kind === 'finding';
  }

  private restore(): void {
    if (this.stateNow?.job) return;
    this.keep({ following: true });
    this.host.tell({ kind: 'restore', range: this.range });
  }

  private toggleFace(number: number): void {
    if (this.stateNow && !this.stateNow.job) this.host.tell({ kind: 'leaveOut', number, out: !this.stateNow.leftOut.includes(number) });
  }

  private cancel(): void {
    this.host.tell({ kind: 'cancel' });
  }

  private play(): void {
    if (this.content?.kind !== 'clip') return;
    this.keep({ following: false });
    togglePlay(this.content.clip, this.kept);
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
    this.keeper.keep(this.kept);
    this.requestUpdate();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (!this.content || this.kept.trajectory.open || belongsToControl(event)) return;
    const player = this.content.kind === 'clip' ? this.content.clip.player : undefined;
    if (movesPlayhead(event)) this.keep({ following: false });
    const handled = handleKey(event, {
      player, mode: this.kept.mode,
      onPlay: () => { this.play(); }, onMode: (mode) => { if (this.anythingRestored) this.keep({ mode }); }, onPeek: (on) => this.stage?.peek(on),
      onFit: () => this.stage?.setView(fitting), onActual: () => { this.actualSize(); }, onZoom: (factor) => this.stage?.zoomBy(factor), onPan: (dx, dy) => this.stage?.panBy(dx, dy),
      onIn: () => { this.setIn(); }, onOut: () => { this.setOut(); }, onFrames: () => { this.keep({ framesShown: !this.kept.framesShown }); },
      onRestore: () => { this.restore(); }, onTrajectory: () => { this.toggleTrajectory(); }, onCancel: () => { if (this.working) this.cancel(); },
    });
    if (handled) event.preventDefault();
  };
}
