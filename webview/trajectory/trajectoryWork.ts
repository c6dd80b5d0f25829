import type { RestoreRequest, Turn, WalkRef } from '../protocol.ts';
import { positionOf } from './alignment.ts';
import { branchName, readField, turnAt, type BranchField, type BranchProblems } from './branchForm.ts';
import { GridWork, type GridPart } from './gridWork.ts';
import { stateWish, type ShownWalk } from './paneScenes.ts';
import { SeedMapWork } from './seedMapWork.ts';
import type { CellPlace } from './stepFrameGrid.ts';
import { StepPlayer } from './stepPlayer.ts';
import type { TrajectoryContext } from './trajectoryContext.ts';
import { growsFrom, sameTurns, turnedAt } from './turns.ts';
import { sentenceOf, WalkBook, walkKey, type WalkPhase } from './walkBook.ts';

/** What the trajectory view holds and what can be done in it; it is drawn by the element. */
export class TrajectoryWork {
  readonly seedMaps: SeedMapWork;
  readonly grid: GridWork;
  readonly player: StepPlayer;
  /** How a branch would go on; undefined while no form is open. */
  form: Turn | undefined;
  /** What was typed into its fields and cannot be meant: nothing is walked before it is mended. */
  formProblems: BranchProblems = {};
  /** What could not be done, in a sentence. */
  problem: string | undefined;
  /** The cell of the grid that is looked at. */
  cell: CellPlace = { row: 0, column: 0 };
  /** Of the last step: what lies there is fetched before it is asked for. */
  direction: 1 | -1 = 1;
  branching = false;
  private book: WalkBook | undefined;
  private key = '';
  private options = '';
  private gridAsked = false;

  /** @param onStates is told when a tensor has arrived: that changes panes alone */
  constructor(public context: TrajectoryContext, private readonly onChange: () => void, private readonly onStates: () => void) {
    this.seedMaps = new SeedMapWork(context.ask, onChange);
    this.grid = new GridWork(context.ask, onChange);
    this.player = new StepPlayer(() => this.walk?.info.kept.length ?? 1, (position) => this.go(position), onChange);
    this.follow(context);
  }

  /** What the page around it says now. */
  follow(context: TrajectoryContext): void {
    const before = this.context;
    this.context = context;
    const { of, document, model, state } = context;
    const options = walkKey(document.options, model);
    const key = `${of.face} ${of.frame} ${options}`;
    if (key !== this.key) {
      const others = this.options !== '' && options !== this.options;
      [this.key, this.options] = [key, options];
      this.open(others);
    } else if (before.document.job && !document.job) this.book?.refresh();   // a restoration leaves its walks behind, too
    this.seedMaps.follow(this.walkRef);
    if (context.clip) this.grid.follow({ ...of, turns: [] }, this.part(context), options);
    if (state.grid && !before.state.grid && this.grid.phase.kind === 'idle') this.gridAsked = true;
    if (state.seedMap && state.mapped && !this.seedMaps.map && !this.seedMaps.working && this.seedMaps.failure === undefined && this.walk) void this.makeMap();
    if (state.seedMap && this.seedMaps.map) this.seedMaps.blend(this.walkRef, state.above);
    if (this.gridAsked) {
      this.gridAsked = false;
      this.makeGrid();
    }
  }

  dispose(): void {
    this.player.pause();
    this.book?.dispose();
    this.grid.dispose();
    this.seedMaps.clear();
  }

  get phase(): WalkPhase {
    return this.book?.phase(this.context.state.turns) ?? { kind: 'asking' };
  }

  get states(): WalkBook['states'] | undefined {
    return this.book?.states;
  }

  get branches(): WalkBook['branches'] {
    return this.book?.branches ?? [];
  }

  get walk(): ShownWalk | undefined {
    return this.shown(this.context.state.turns);
  }

  get other(): ShownWalk | undefined {
    const { other, turns } = this.context.state;
    return other === null || sameTurns(other, turns) ? undefined : this.shown(other);
  }

  readonly infoOf = (turns: readonly Turn[]): ReturnType<WalkBook['info']> => this.book?.info(turns);

  get walkRef(): WalkRef {
    return { ...this.context.of, turns: this.context.state.turns };
  }

  /** Place of the cursor among the kept states. */
  get position(): number {
    const { walk } = this;
    return walk ? positionOf(walk.info, this.context.state.order) : 0;
  }

  /** The walk of this face that is in the picture. */
  get used(): readonly Turn[] {
    return this.context.document.options.branches?.find(({ face }) => face === this.context.of.face)?.turns ?? [];
  }

  get usedBlend(): RestoreRequest['blend'] {
    return this.context.document.options.blend;
  }

  /** Moves the cursor. @returns whether what lies there can be shown at once */
  go(position: number): boolean {
    const { walk } = this;
    const order = walk?.info.kept[position];
    if (!walk || order === undefined) return true;
    if (position !== this.position) this.direction = position > this.position ? 1 : -1;
    this.context.onState({ order: order >= walk.info.steps.length ? null : order });
    return (['predX0', this.context.state.state] as const).every((kind) => this.states?.has(stateWish(walk, kind, order)) === true);
  }

  /** By kept states; playing stops. */
  readonly step = (by: number): void => {
    this.player.pause();
    const last = (this.walk?.info.kept.length ?? 1) - 1;
    this.go(Math.min(last, Math.max(0, this.position + by)));
  };

  readonly seek = (position: number): void => {
    this.player.pause();
    this.go(position);
  };

  readonly play = (direction: 1 | -1): void => {
    if (this.player.rate !== 0) this.player.pause();
    else this.player.play(direction, this.position);
  };

  /** Twice as fast each time, at most eight times. */
  readonly faster = (direction: 1 | -1): void => {
    const { rate } = this.player;
    this.player.play(rate * direction > 0 ? direction * Math.min(8, Math.abs(rate) * 2) : direction, this.position);
  };

  readonly pin = (): void => {
    const { walk } = this;
    if (walk) this.context.onState({ pinned: walk.info.kept[this.position]! });
  };

  readonly walkOn = (): void => {
    void this.book?.walk(this.context.state.turns);
  };

  readonly cancel = (): void => {
    this.context.onCancel();
  };

  /** Opens the form for a branch at the cursor; from the result nothing goes on. */
  readonly openForm = (): void => {
    const { walk } = this;
    const order = walk?.info.kept[this.position] ?? 0;
    if (!walk || order >= walk.info.steps.length) this.problem = 'The result is the end of the walk: a branch leaves at a step before it.';
    else this.form = turnAt(walk.info, order);
    this.formProblems = {};
    this.onChange();
  };

  readonly setForm = (form: Turn | undefined): void => {
    this.form = form;
    this.problem = undefined;
    if (form?.sampler !== 'ddim') this.formProblems = withoutProblem(this.formProblems, 'eta'); // the field is gone
    this.onChange();
  };

  readonly setField = (field: BranchField, text: string): void => {
    if (!this.form) return;
    const read = readField(field, text);
    this.problem = undefined;
    if (typeof read === 'string') this.formProblems = { ...this.formProblems, [field]: { text, message: read } };
    else {
      this.form = { ...this.form, [field]: read };
      this.formProblems = withoutProblem(this.formProblems, field);
    }
    this.onChange();
  };

  /** Walks the branch of the form, keeps it under a name, and looks at it, compared with what it left. */
  readonly branch = async (): Promise<void> => {
    const { walk, form, book } = this;
    if (!walk || !form || !book || this.branching || Object.keys(this.formProblems).length > 0) return;
    const turns = turnedAt(walk.turns, form);
    this.branching = true;
    this.problem = undefined;
    this.onChange();
    try {
      if (await book.walk(turns)) {
        await book.name(turns, branchName(walk.info, form));
        this.form = undefined;
        this.context.onState({ turns, other: walk.turns, branches: true });
      } else {
        const phase = book.phase(turns);
        if (phase.kind === 'failed') this.problem = phase.message;
      }
    } catch (error) {
      this.problem = sentenceOf(error);
    }
    this.branching = false;
    this.onChange();
  };

  readonly select = (turns: readonly Turn[]): void => {
    this.form = undefined;
    const { state, onState } = this.context;
    onState(state.other && sameTurns(state.other, turns) ? { turns, other: state.turns } : { turns });
  };

  readonly rename = (turns: readonly Turn[], name: string): void => {
    void this.named(turns, name);
  };

  readonly remove = (turns: readonly Turn[]): void => {
    const { state, onState } = this.context;
    onState({ turns: growsFrom(state.turns, turns) ? [] : state.turns, other: state.other && growsFrom(state.other, turns) ? null : state.other });
    void this.named(turns, null);
  };

  readonly makeMap = async (): Promise<void> => {
    const { walkRef } = this;
    const mapped = await this.seedMaps.make(walkRef, this.context.state.seeds);
    if (sameTurns(walkRef.turns, this.context.state.turns)) this.context.onState({ mapped });  // one that was cancelled is not asked for again by itself
  };

  readonly makeGrid = (): void => {
    void this.grid.make({ ...this.context.of, turns: [] }, this.part(this.context));
  };

  readonly exportGrid = (): void => {
    this.context.tell({ kind: 'exportGrid', walk: { ...this.context.of, turns: [] }, ...this.part(this.context) });
  };

  /** What was kept of an earlier look may be gone: a walk that is neither kept nor a branch gives way to the trunk. */
  settle(): void {
    const { book, branching, context: { state, onState } } = this;
    if (!book?.branchesKnown || branching) return;
    const gone = (turns: readonly Turn[]): boolean => turns.length > 0 && book.phase(turns).kind === 'absent' && !book.branches.some((branch) => sameTurns(branch.turns, turns));
    if (gone(state.turns)) onState({ turns: [] });
    else if (state.other && gone(state.other)) onState({ other: null });
  }

  private open(otherOptions: boolean): void {
    const { context } = this;
    this.player.pause();
    this.book?.dispose();
    this.form = this.problem = undefined;
    this.branching = false;
    this.book = new WalkBook(context.of, context.ask, this.onChange, this.onStates);
    if (!otherOptions) return;
    // Other options walk other ways: what branched from the old walk is not there.
    this.seedMaps.clear();
    context.onState({ turns: [], other: null, mapped: false });
  }

  private part({ clip, state }: TrajectoryContext): GridPart {
    return { first: clip?.part.first ?? 0, last: clip?.part.last ?? 0, rows: state.rows };
  }

  private shown(turns: readonly Turn[]): ShownWalk | undefined {
    const phase = this.book?.phase(turns);
    if (phase?.kind !== 'ready') return undefined;
    const name = this.branches.find((branch) => sameTurns(branch.turns, turns))?.name ?? (turns.length === 0 ? 'main' : 'branch');
    return { turns, name, info: phase.info, previews: phase.previews };
  }

  private async named(turns: readonly Turn[], name: string | null): Promise<void> {
    try {
      await this.book?.name(turns, name);
    } catch (error) {
      this.problem = sentenceOf(error);
      this.onChange();
    }
  }
}

function withoutProblem(problems: BranchProblems, field: BranchField): BranchProblems {
  return Object.fromEntries(Object.entries(problems).filter(([name]) => name !== field));
}
