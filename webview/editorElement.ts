import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { Announcer } from './announcer.ts';
import type { ClipContent } from './clipContent.ts';
import { clipSection, showPlayhead } from './clipSection.ts';
import { closeContent, contentScene, openContent, tellContent, type Content } from './content.ts';
import { EditorActions } from './editorActions.ts';
import { recalled, resumed, type KeptState } from './editorState.ts';
import { header } from './header.ts';
import { Host } from './host.ts';
import { icon } from './icon.ts';
import { noFaceNotice, openingNotice, unreadableNotice } from './notices.ts';
import type { DocumentState, ToWebview } from './protocol.ts';
import { faceStrip } from './restore/faceStrip.ts';
import { restoreBar } from './restore/restoreBar.ts';
import { saidOutcome, standingOutcome } from './saidOutcome.ts';
import { StateKeeper } from './stateKeeper.ts';
import { FrameRuns } from './timeline/frameRuns.ts';
import { sameFace, trajectoryPlace, type TrajectoryPlace } from './trajectoryPlace.ts';
import { Stage } from './viewer/stage.ts';
import { chosenFace } from './walkedFace.ts';

type Shown = Extract<ToWebview, { readonly kind: 'show' }>;

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
  private readonly actions = new EditorActions(
    () => ({ kept: this.kept, document: this.stateNow, clip: this.clip, stage: this.stage, open: this.content !== undefined, anythingRestored: this.anythingRestored, walkable: this.walkable }),
    (message) => { this.host.tell(message); }, (part) => { this.keep(part); }, () => void this.updateComplete.then(() => { this.querySelector<HTMLElement>('.stage')?.focus(); }),
  );

  /** One style sheet for all of the page. */
  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.actions.listen();
    window.addEventListener('pagehide', () => { this.keeper.flush(); });
    document.addEventListener('visibilitychange', () => { this.keeper.flush(); });
    performance.mark('difface-ready');
    this.host.tell({ kind: 'ready' });
  }

  protected override render(): TemplateResult {
    const { shown, stateNow, unreadable } = this;
    if (unreadable) return unreadableNotice(unreadable.message, unreadable.gone, () => { this.host.tell({ kind: 'reload' }); }, this.actions.showLog);
    if (!shown || !stateNow) return openingNotice();
    return html`
      ${this.place(shown, stateNow)}
      <div class="announced" role="status">${this.announcer.text({ job: stateNow.job, outcome: standingOutcome(this.kept.said, stateNow) }, performance.now())}</div>`;
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
    if (this.shown?.look.kind === 'editor' && !this.content) this.open(this.shown, element ?? this);
    if (!element) {
      this.stage = undefined;
      return;
    }
    if (this.stage?.element !== element) {
      this.stage = new Stage(element, {
        onView: (view) => { this.keep({ view }); this.sharpen(); },
        onWipe: (wipe) => { this.keep({ wipe }); },
        onFace: this.actions.toggleFace,
      });
      this.stage.view = this.kept.view;
      this.stage.wipe = this.kept.wipe;
    }
    this.paint();
    this.scrollToPlayhead();
  }

  private scrollToPlayhead(): void {
    const lanes = this.querySelector('.lanes');
    if (!lanes || !this.clip || this.clip.player.position === this.scrolledTo) return;
    this.scrolledTo = this.clip.player.position;
    showPlayhead(lanes, this.clip);
  }

  private header({ media, name, result }: Shown, { faces }: DocumentState): TemplateResult {
    const { actions, anythingRestored, kept: { mode, framesShown } } = this;
    return header({
      media, name, result, faces, mode: anythingRestored ? mode : 'original', framesShown, anythingRestored,
      onMode: actions.show, onFrames: actions.toggleFrames, onFit: actions.fit, onActual: actions.actualSize,
    });
  }

  private below(state: DocumentState): TemplateResult {
    const { actions, content, kept } = this;
    if (content?.kind === 'picture') return faceStrip(state, content.picture.crops, actions.toggleFace);
    if (!content) return html``;
    return clipSection({
      clip: content.clip, kept, document: state, restored: this.restored, sound: this.shown?.media.kind === 'clip' && this.shown.media.sound, width: Math.max(200, this.clientWidth - 97), lanes: this.querySelector('.lanes'),
      onPlay: actions.play, onIn: actions.setIn, onOut: actions.setOut, onKeep: (part) => { this.keep(part); }, onScroll: () => { this.requestUpdate(); },
      onLane: actions.toggleFace, onFindFaces: actions.findFaces, onCancel: actions.cancel,
    });
  }

  private footer({ models, model, detectors, options: words }: Shown, state: DocumentState): TemplateResult {
    const { actions, kept: { said, more, trajectory } } = this;
    const { range } = actions;
    return restoreBar({
      document: state, outcome: standingOutcome(said, state), anythingRestored: !this.restored.empty, models, model, detectors, words, more,
      part: range ? `frames ${range.first + 1} to ${range.last + 1}` : undefined,
      onOptions: (options) => { this.strength = undefined; this.host.tell({ kind: 'options', options }); },
      onStrength: (strength) => { this.strength = strength; this.requestUpdate(); },
      onMore: () => { this.keep({ more: !more }); },
      trajectory: trajectory.open, walkable: this.walkable, onTrajectory: actions.toggleTrajectory, onRestore: actions.restore, onCancel: actions.cancel,
      onExport: (choosePlace) => { this.host.tell({ kind: 'export', choosePlace }); }, onReveal: (path) => { this.host.tell({ kind: 'reveal', path }); }, onRecipe: (what) => { this.host.tell({ kind: 'recipe', what }); }, onLog: actions.showLog,
    });
  }

  private receive(message: Exclude<ToWebview, { readonly kind: 'answer' | 'noAnswer' }>): void {
    switch (message.kind) {
      case 'show':
        this.close();
        this.shown = message;
        this.stateNow = message.document;
        this.unreadable = this.problem = undefined;
        this.restored = new FrameRuns(message.document.restored);
        this.keep(resumed(this.kept, message.document));
        if (message.look.kind === 'trajectory') this.keep({ shows: { uri: message.look.uri, of: message.look.of } });
        break;
      case 'unreadable':
        this.close();
        this.unreadable = message;
        break;
      case 'document':
        if (this.stateNow) this.follow({ ...this.stateNow, ...message.document });
        break;
      case 'frameRestored':
        this.restored.add(message.frame);
        this.clip?.frameRestored(message.frame);
        if (this.kept.following && this.clip?.player.playing === false) this.clip.player.seek(message.frame);
        if (this.clip && this.kept.mode === 'original') this.keep({ mode: 'split' });
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
    if (state.restored !== before?.restored) this.restored = new FrameRuns(state.restored);
    this.keep({ said: saidOutcome(this.kept.said, state) });
    if (before?.job?.what === 'restore' && !state.job) {
      this.keep({ following: false });
      if (state.outcome.kind === 'restored' && this.kept.mode === 'original') this.keep({ mode: 'split' });
    }
    tellContent(this.content, state, !this.restored.empty);
  }

  private open({ media, result }: Shown, element: HTMLElement): void {
    this.content = openContent({
      ask: this.ask, media, kept: this.kept, room: { width: element.clientWidth * devicePixelRatio, height: element.clientHeight * devicePixelRatio }, hasResult: result !== undefined,
      onChange: () => { this.keep({}); }, onFailure: (message) => { this.problem = message; this.requestUpdate(); },
    });
    if (this.stateNow) tellContent(this.content, this.stateNow, !this.restored.empty);
    this.keep(result !== undefined && this.kept.mode === 'original' ? { mode: 'split' } : {});
  }

  private close(): void {
    closeContent(this.content);
    this.content = this.shown = undefined;
  }

  private paint(): void {
    const { content, kept: { mode, framesShown }, shown, stage, stateNow } = this;
    if (!content || !shown || !stage || !stateNow) return;
    stage.show(contentScene(content, stateNow, shown.media, this.frame, { mode: this.anythingRestored ? mode : 'original', framesShown, strength: this.strength ?? stateNow.options.strength ?? 1 }));
    this.sharpen();
  }

  private get clip(): ClipContent | undefined {
    return this.content?.kind === 'clip' ? this.content.clip : undefined;
  }

  /** Frame under the playhead; 0 in a picture. */
  private get frame(): number {
    return this.clip ? this.clip.player.position : this.shown?.media.kind === 'clip' ? this.kept.position : 0;
  }

  private get walkable(): boolean {
    return this.stateNow !== undefined && chosenFace(this.stateNow, null, this.frame) !== undefined;
  }

  /** @param opened the face for which a panel was opened; undefined in the editor */
  private trajectory({ media, model }: Shown, document: DocumentState, of: TrajectoryPlace['of'], opened: TrajectoryPlace['opened']): TemplateResult {
    const context = trajectoryPlace({
      ask: this.ask, tell: (message) => { this.host.tell(message); }, media, model, document, of, opened, kept: this.kept, clip: this.clip,
      onKeep: (part) => { this.keep(part); }, onState: (part) => { this.keep({ trajectory: { ...this.kept.trajectory, ...part } }); }, onCancel: this.actions.cancel, onBack: this.actions.toggleTrajectory,
    });
    return html`<difface-trajectory .context=${context}></difface-trajectory>`;
  }

  private get anythingRestored(): boolean {
    return !this.restored.empty || this.shown?.result !== undefined;
  }

  private sharpen(): void {
    if (this.stage) this.clip?.sharpen(this.stage.zoom * devicePixelRatio);
  }

  private keep(part: Partial<KeptState>): void {
    const playback = this.clip ? { position: this.clip.player.position, muted: this.clip.player.muted } : {};
    this.kept = { ...this.kept, ...playback, ...part };
    this.keeper.keep(this.kept);
    this.requestUpdate();
  }
}
