import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import { belongsToControl } from '../keys.ts';
import { fitting } from '../viewer/panZoom.ts';
import { positionOf, timestepOf, timestepText } from './alignment.ts';
import { Blinker } from './blinker.ts';
import { branchForm } from './branchForm.ts';
import { branchTree } from './branchTree.ts';
import { divergingMap, sequentialMap } from './colourMap.ts';
import { contractionText } from './curveData.ts';
import { Curves } from './curves.ts';
import { exportRow } from './exportRow.ts';
import { filmstrip } from './filmstrip.ts';
import { jobLine } from './jobLine.ts';
import { paneControls, toggledDifference } from './paneControls.ts';
import { PaneGrid } from './paneGrid.ts';
import { paneScene, type ShownWalk } from './paneScenes.ts';
import { seedMapBar } from './seedMapBar.ts';
import { stepFrameGrid } from './stepFrameGrid.ts';
import { stepTransport } from './stepTransport.ts';
import { pageIsDark, ThemeWatch } from './themeWatch.ts';
import type { TrajectoryContext } from './trajectoryContext.ts';
import { handleTrajectoryKey } from './trajectoryKeys.ts';
import { TrajectoryWork } from './trajectoryWork.ts';
import { sameTurns } from './turns.ts';
import { walkHeader } from './walkHeader.ts';
import { walkNotice } from './walkNotice.ts';

/** Inside the walk of one restored face: its states, their differences and curves, its branches, and what its seeds agree on. */
export class DiffaceTrajectory extends LitElement {
  static override readonly properties = { context: { attribute: false } };
  declare context: TrajectoryContext | undefined;
  private work: TrajectoryWork | undefined;
  private panes: PaneGrid | undefined;
  private curves: Curves | undefined;
  private theme: ThemeWatch | undefined;
  private diverging = divergingMap(true);
  private readonly sequential = sequentialMap();
  private stripWidth = 900;
  private readonly blinker = new Blinker(() => { this.showPanes(); });
  private readonly resized = new ResizeObserver(() => { this.measure(); });

  /** One style sheet for all of the page. */
  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.onKey);
    document.addEventListener('keyup', this.onRelease);
    window.addEventListener('blur', this.onRelease);
    this.resized.observe(this);
    this.theme = new ThemeWatch(() => { this.restyle(); });
    this.diverging = divergingMap(pageIsDark());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.onKey);
    document.removeEventListener('keyup', this.onRelease);
    window.removeEventListener('blur', this.onRelease);
    this.blinker.follow(false);
    this.resized.disconnect();
    this.theme?.dispose();
    this.work?.dispose();
    this.curves?.dispose();
    this.work = this.panes = this.curves = undefined;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { context } = this;
    if (!context || !changed.has('context')) return;
    if (this.work) this.work.follow(context);
    else this.work = new TrajectoryWork(context, () => { this.requestUpdate(); }, () => { this.showPanes(); });
  }

  protected override render(): TemplateResult {
    const { work, context } = this;
    if (!work || !context) return html``;
    const { phase, walk } = work;
    return html`
      ${walkHeader({ context, info: walk?.info, turns: context.state.turns })}
      ${context.state.grid && context.clip ? this.grid(work, context)
        : walk ? this.walked(work, context, walk)
          : phase.kind === 'ready' ? nothing : walkNotice({ phase, document: context.document, onWalk: work.walkOn, onCancel: work.cancel, onLog: () => { context.tell({ kind: 'showLog' }); } })}
      ${context.inEditor ? nothing : jobLine(context.document, work.cancel, (path) => { context.tell({ kind: 'reveal', path }); }, () => { context.tell({ kind: 'showLog' }); })}`;
  }

  private walked(work: TrajectoryWork, context: TrajectoryContext, walk: ShownWalk): TemplateResult {
    const { state, onState, document, tell } = context;
    const { position } = work;
    const { info } = walk;
    const pinned = state.pinned === null ? undefined : info.kept[positionOf(info, state.pinned)]!;
    const busy = document.job !== null;
    return html`
      ${paneControls({
        state, compared: work.other !== undefined, pinned: pinned === undefined ? undefined : pinned >= info.steps.length ? 'the result' : `t = ${timestepText(timestepOf(info, pinned))}`,
        onState, onPin: work.pin, onFit: () => this.panes?.setView(fitting), onActual: () => { this.actualSize(); },
      })}
      <div class="panes" tabindex="0" role="group" aria-label="States at the cursor"></div>
      ${stepTransport({ info, position, rate: work.player.rate, state, onStep: work.step, onPlay: work.play, onState })}
      ${state.seedMap ? seedMapBar({
        state, map: work.seedMaps.map, working: work.seedMaps.working, failure: work.seedMaps.failure, busy, used: work.usedBlend, onState, onMake: () => void work.makeMap(), onUse: (blend) => { tell({ kind: 'useBlend', blend }); },
      }) : nothing}
      ${state.exporting ? exportRow({ formats: state.formats, busy, onFormats: (formats) => { onState({ formats }); }, onExport: () => { tell({ kind: 'exportWalk', walk: work.walkRef, formats: state.formats }); } }) : nothing}
      <div class="lower">
        <div class="film">
          ${filmstrip({ info, previews: walk.previews, position, width: this.stripWidth, onPosition: work.seek })}
          ${state.branches ? branchTree({
            branches: work.branches, info, turns: walk.turns, other: state.other, used: work.used, position, infoOf: work.infoOf,
            onSelect: work.select, onCompare: (other) => { onState({ other }); }, onName: work.rename, onRemove: work.remove,
          }) : nothing}
        </div>
        ${state.branches ? this.branchBar(work, context, walk) : nothing}
        ${state.curves ? html`<p class="contraction number">${contractionText(info)} <span class="hint">· walked in all: rms ${info.figures.departure.toFixed(4)} from the estimate to the result</span></p><div class="curves"></div>` : nothing}
      </div>`;
  }

  private branchBar(work: TrajectoryWork, { document, tell }: TrajectoryContext, walk: ShownWalk): TemplateResult {
    const busy = document.job !== null;
    const used = sameTurns(work.used, walk.turns);
    return html`
      ${work.form ? branchForm({ info: walk.info, turn: work.form, problems: work.formProblems, busy: busy || work.branching, onField: work.setField, onChange: (turn) => { if (work.form) work.setForm(turn); }, onBranch: () => void work.branch(), onClose: () => { work.setForm(undefined); } }) : html`
        <div class="bar-row branch-bar">
          <button class="link" title="Go on from this step with another seed, eta or sampler (B)" @click=${() => { this.openForm(); }}>${icon('git-branch')} Branch From Here</button>
          <button class="link" ?disabled=${used || busy} title=${used ? 'The result of this walk is in the picture' : 'Put the result of this walk into the picture'} @click=${() => { tell({ kind: 'useWalk', walk: work.walkRef }); }}>${icon('check')} Use This Result</button>
          <span class="hint ellipsis">${used ? 'in the picture' : `in the picture: ${work.branches.find(({ turns }) => sameTurns(turns, work.used))?.name ?? (work.used.length === 0 ? 'main' : 'another walk')}`}</span>
        </div>`}
      ${work.problem === undefined ? nothing : html`<div class="problem" role="alert">${icon('warning')} ${work.problem}</div>`}`;
  }

  private grid(work: TrajectoryWork, { document, state, clip, onState, tell }: TrajectoryContext): TemplateResult {
    return stepFrameGrid({
      phase: work.grid.phase, document, state, at: work.cell, diverging: this.diverging, timecode: clip!.timecode, onState,
      onAt: (cell) => { if (cell.row !== work.cell.row || cell.column !== work.cell.column) { work.cell = cell; this.requestUpdate(); } },
      onOpen: (frame, order) => { clip!.onFrame(frame); onState({ grid: false, turns: [], order }); },
      onMake: work.makeGrid, onCancel: work.cancel, onExport: work.exportGrid, onLog: () => { tell({ kind: 'showLog' }); },
    });
  }

  protected override updated(): void {
    this.work?.settle();
    this.blinker.follow(this.work?.other !== undefined && this.context?.state.comparison === 'blink');
    this.showPanes();
    this.showCurves();
    this.measure();
  }

  private showPanes(): void {
    const { work, context } = this;
    const element = this.querySelector<HTMLElement>('.panes');
    const walk = work?.walk;
    if (!element || !work || !context || !walk) {
      this.panes = undefined;
      return;
    }
    if (this.panes?.element !== element) {
      this.panes = new PaneGrid(element, {
        onView: (view) => { this.context?.onState({ view }); },
        onWipe: (wipe) => { this.context?.onState({ wipe }); },
        onPixel: (pixel) => { this.querySelector('.pixel')!.textContent = pixel ? `pixel ${pixel.x}, ${pixel.y}` : ''; },
        onShown: (order) => {
          this.dataset['step'] = String(order);
          performance.mark('difface-step-shown', { detail: order });
        },
      });
      this.panes.view = context.state.view;
      // Who came by a button wants the keys to walk, not to press it again.
      if (document.activeElement === document.body || document.activeElement?.matches('.trajectory-button, vscode-button')) element.focus({ preventScroll: true });
    }
    const states = work.states!;
    const { scene, needs, nearby } = paneScene({
      state: context.state, walk, other: work.other, seedMap: work.seedMaps.map, blended: work.seedMaps.blended, otherShown: this.blinker.other, diverging: this.diverging, sequential: this.sequential, direction: work.direction,
      tensor: (wish) => states.tensor(wish), picture: (wish) => states.picture(wish),
    });
    this.panes.show(scene);
    states.want(needs, nearby, walk.info.size);
  }

  private showCurves(): void {
    const { work } = this;
    const element = this.querySelector<HTMLElement>('.curves');
    if (this.curves && this.curves.element !== element) {
      this.curves.dispose();
      this.curves = undefined;
    }
    if (!element || !work?.walk) return;
    this.curves ??= new Curves(element, work.seek);
    this.curves.show(work.walk.info, work.other?.info, work.position);
  }

  private measure(): void {
    const width = this.querySelector('.film-track')?.clientWidth ?? this.stripWidth;
    if (width === this.stripWidth || width === 0) return;
    this.stripWidth = width;
    this.requestUpdate();
  }

  private restyle(): void {
    this.diverging = divergingMap(pageIsDark());
    this.curves?.restyle();
    this.requestUpdate();
  }

  private actualSize(): void {
    this.panes?.zoomTo(1 / devicePixelRatio);
  }

  /** The first field of the form has the focus: what is other is mostly the seed. */
  private openForm(): void {
    this.context?.onState({ branches: true });
    this.work?.openForm();
    void this.updateComplete.then(() => {
      const field = this.querySelector<HTMLInputElement>('.branch-form input');
      field?.focus();
      field?.select();
    });
  }

  private readonly onRelease = (event: Event): void => {
    if (event.type === 'blur' || (event as KeyboardEvent).key.toLowerCase() === 'o') this.blinker.hold(false);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const { work, context } = this;
    if (!work || !context || belongsToControl(event)) return;
    const showing = work.walk !== undefined && !(context.state.grid && context.clip);
    const handled = handleTrajectoryKey(event, {
      onStep: (by) => { if (showing) work.step(by); }, onEnd: (end) => { if (showing) work.step(end === 'first' ? -Infinity : Infinity); },
      onPlay: (direction) => { if (showing) work.play(direction); }, onPause: () => { work.player.pause(); }, onFaster: (direction) => { if (showing) work.faster(direction); },
      onFit: () => this.panes?.setView(fitting), onActual: () => { this.actualSize(); }, onZoom: (factor) => this.panes?.zoomBy(factor),
      onMove: (dx, dy) => this.panes?.move(dx, dy, this.panes.crosshairShown), onCrosshair: () => this.panes?.toggleCrosshair(),
      onBranch: () => { if (showing) this.openForm(); }, onPin: () => { if (showing) work.pin(); }, onDifference: () => { if (showing) context.onState(toggledDifference(context.state)); }, onOther: () => { this.blinker.hold(true); },
      onBack: () => { context.onBack(); },
      onCancel: () => {
        if (context.document.job) work.cancel();
        else if (work.form) work.setForm(undefined);
        else context.onBack();
      },
    });
    if (handled) event.preventDefault();
  };
}
