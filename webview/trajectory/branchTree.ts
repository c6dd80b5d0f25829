import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { Branch, Turn, WalkInfo } from '../protocol.ts';
import { placeOfTimestep, positionOf, timestepOf } from './alignment.ts';
import { growsFrom, sameTurns } from './turns.ts';

export interface BranchTree {
  readonly branches: readonly Branch[];
  /** The walk that is looked at: its kept states are the strip to which the tree is drawn. */
  readonly info: WalkInfo;
  readonly turns: readonly Turn[];
  readonly other: readonly Turn[] | null;
  /** Walk in the picture. */
  readonly used: readonly Turn[];
  readonly position: number;
  /** What is known of a walk; undefined until it is. */
  readonly infoOf: (turns: readonly Turn[]) => WalkInfo | undefined;
  readonly onSelect: (turns: readonly Turn[]) => void;
  readonly onCompare: (turns: readonly Turn[] | null) => void;
  readonly onName: (turns: readonly Turn[], name: string) => void;
  readonly onRemove: (turns: readonly Turn[]) => void;
}

const laneHeight = 22;

/** The trunk first, then the branches, each after what it grew from. */
export function lanesOf(branches: readonly Branch[]): readonly Branch[] {
  const trunk = branches.find(({ turns }) => turns.length === 0) ?? { name: 'main', turns: [] };
  const lanes: Branch[] = [trunk];
  const grow = (from: readonly Turn[]): void => {
    for (const branch of branches) {
      if (branch.turns.length === 0 || lanes.includes(branch) || !sameTurns(parentOf(branch, branches), from)) continue;
      lanes.push(branch);
      grow(branch.turns);
    }
  };
  grow([]);
  return lanes;
}

/** The longest named walk from which a branch turned off. */
export function parentOf({ turns }: Branch, branches: readonly Branch[]): readonly Turn[] {
  for (let length = turns.length - 1; length > 0; length--) {
    const before = turns.slice(0, length);
    if (branches.some((one) => sameTurns(one.turns, before))) return before;
  }
  return [];
}

/** Trunk and branches, each leaving at its step: heads with what can be done with a branch at the left, the lines beside them. */
export function branchTree(tree: BranchTree): TemplateResult {
  const lanes = lanesOf(tree.branches);
  return html`
    <div class="branch-heads" role="group" aria-label="Branches">${lanes.map((branch) => head(tree, branch))}</div>
    <div class="branch-lines">
      <svg width="100%" height=${lanes.length * laneHeight} role="img" aria-label="${lanes.length} walks: ${lanes.map(({ name }) => name).join(', ')}">
        ${lanes.map((branch, i) => lane(tree, branch, i, lanes))}
        <line class="playhead" x1=${placed(tree.info, tree.position)} x2=${placed(tree.info, tree.position)} y1="0" y2=${lanes.length * laneHeight}></line>
      </svg>
    </div>`;
}

function head(tree: BranchTree, { name, turns }: Branch): TemplateResult {
  const [shown, compared, used] = [sameTurns(turns, tree.turns), tree.other !== null && sameTurns(turns, tree.other), sameTurns(turns, tree.used)];
  return html`
    <div class="branch-head">
      <button class="link branch-name ellipsis" aria-pressed=${shown ? 'true' : 'false'} title="Look at ${name}: ${turnText(turns.at(-1))}" @click=${() => { tree.onSelect(turns); }}>
        <span class="swatch branch-swatch ${shown ? 'shown' : compared ? 'compared' : ''}"></span>${name}</button>
      ${used ? html`<span class="badge" title="This walk is in the picture">used</span>` : nothing}
      <span class="grow"></span>
      <button class="tool" ?disabled=${shown} aria-pressed=${compared ? 'true' : 'false'} title=${compared ? 'Compare no longer' : `Compare with ${name}`} aria-label="Compare with ${name}" @click=${() => { tree.onCompare(compared ? null : turns); }}>${icon('compare-changes')}</button>
      ${turns.length === 0 ? html`<span class="tool-space"></span><span class="tool-space"></span>` : html`
        <button class="tool" title="Rename ${name}" aria-label="Rename ${name}" @click=${(event: Event) => { rename(event, name, (chosen) => { tree.onName(turns, chosen); }); }}>${icon('edit')}</button>
        <button class="tool" ?disabled=${growsFrom(tree.used, turns)} title=${growsFrom(tree.used, turns) ? `${used ? name : `What grew from ${name}`} is in the picture: put another walk there before it is removed` : `Remove ${name} and what grew from it`} aria-label="Remove ${name}" @click=${() => { tree.onRemove(turns); }}>${icon('trash')}</button>`}
    </div>`;
}

/** What a walk does otherwise from its last turn on. */
export function turnText(turn: Turn | undefined): string {
  return turn ? `from step ${turn.at + 1} on ${turn.sampler}, ${turn.steps} steps${turn.sampler === 'ddim' ? `, eta ${turn.eta}` : ''}, seed ${turn.seed}` : 'the walk of the restoration';
}

/** The name becomes a field where it stands; Enter takes it, Escape leaves it. */
function rename(event: Event, name: string, onName: (name: string) => void): void {
  const button = (event.currentTarget as HTMLElement).parentElement!.querySelector<HTMLElement>('.branch-name')!;
  const field = document.createElement('input');
  field.className = 'rename';
  field.value = name;
  field.setAttribute('aria-label', `Name of ${name}`);
  let done = false;
  const end = (taken: boolean): void => {
    if (done) return;
    done = true;
    button.hidden = false;
    field.remove();
    button.focus();
    if (taken && field.value.trim() !== '' && field.value.trim() !== name) onName(field.value.trim());
  };
  field.addEventListener('keydown', (pressed) => {
    if (pressed.key === 'Enter' || pressed.key === 'Escape') {
      pressed.preventDefault();
      pressed.stopPropagation();
      end(pressed.key === 'Enter');
    }
  });
  field.addEventListener('blur', () => { end(true); });
  button.hidden = true;
  button.after(field);
  field.focus();
  field.select();
}

function lane(tree: BranchTree, branch: Branch, i: number, lanes: readonly Branch[]): SVGTemplateResult {
  const { info } = tree;
  const y = (i + 0.5) * laneHeight;
  const kind = sameTurns(branch.turns, tree.turns) ? 'shown' : tree.other !== null && sameTurns(branch.turns, tree.other) ? 'compared' : '';
  const turn = branch.turns.at(-1);
  const from = turn ? turnPlace(tree, branch, turn) : 0;
  const end = placed(info, info.kept.length - 1);
  const parent = lanes.findIndex(({ turns }) => sameTurns(turns, parentOf(branch, tree.branches)));
  const start = placed(info, from);
  const own = tree.infoOf(branch.turns);
  const states = own ? own.kept.filter((order) => order > (turn?.at ?? -1) && order < own.steps.length).map((order) => placeOfTimestep(info, timestepOf(own, order))) : [];
  return svg`
    <g class="branch ${kind}" @click=${() => { tree.onSelect(branch.turns); }}>
      ${turn ? svg`<line class="branch-line" x1=${start} x2=${start} y1=${(parent + 0.5) * laneHeight} y2=${y}></line><circle class="branch-turn" cx=${start} cy=${(parent + 0.5) * laneHeight} r="3"></circle>` : ''}
      <line class="branch-line" x1=${start} x2=${end} y1=${y} y2=${y}></line>
      <line class="branch-hit" x1=${start} x2=${end} y1=${y} y2=${y}></line>
      ${states.map((place) => svg`<circle class="branch-state" cx=${placed(info, place)} cy=${y} r="1.5"></circle>`)}
      <circle class="branch-end" cx=${end} cy=${y} r="4"></circle>
    </g>`;
}

/** Where a branch leaves its parent, along the strip. */
function turnPlace({ info, infoOf, branches }: BranchTree, branch: Branch, turn: Turn): number {
  const parent = infoOf(parentOf(branch, branches)) ?? infoOf([]);
  return parent ? placeOfTimestep(info, timestepOf(parent, turn.at)) : positionOf(info, turn.at);
}

function placed({ kept }: WalkInfo, place: number): string {
  return `${((place + 0.5) / kept.length) * 100}%`;
}
