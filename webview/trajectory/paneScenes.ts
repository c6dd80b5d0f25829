import type { ColourMap } from './colourMap.ts';
import { orderAt, positionOf, timestepOf, timestepText } from './alignment.ts';
import { lumaDifference, scaleOf, type SignedMap } from './difference.ts';
import type { Overlay, Pane, PanePicture } from './panePicture.ts';
import type { PaneScene } from './paneGrid.ts';
import type { PreviewPictures, SmallPicture } from './previewPictures.ts';
import type { SeedMap } from './seedMap.ts';
import type { Wish } from './stateStore.ts';
import { extremesOf, type Tensor } from './tensor.ts';
import type { TrajectoryState } from './trajectoryState.ts';
import type { StateKind, Turn, WalkInfo } from '../protocol.ts';

/** A walk with what is needed to show it. */
export interface ShownWalk {
  readonly turns: readonly Turn[];
  readonly name: string;
  readonly info: WalkInfo;
  readonly previews: PreviewPictures | undefined;
}

export interface SceneParts {
  readonly state: TrajectoryState;
  readonly walk: ShownWalk;
  readonly other: ShownWalk | undefined;
  readonly seedMap: SeedMap | undefined;
  readonly blended: Tensor | undefined;
  /** Where two walks take turns: it is the other's now. */
  readonly otherShown: boolean;
  readonly diverging: ColourMap;
  readonly sequential: ColourMap;
  /** Of walking through the steps: 1 forwards, -1 backwards. */
  readonly direction: 1 | -1;
  readonly get: (wish: Wish) => Tensor | undefined;
}

/** States fetched before they are asked for: so many in the direction of walking, and against it. */
const [ahead, behind] = [8, 2];

/** What all panes show, and which tensors are wished for, the most urgent first. */
export function paneScene(parts: SceneParts): { readonly scene: PaneScene; readonly wishes: readonly Wish[] } {
  const { state, walk, other, seedMap, blended, get } = parts;
  const { info } = walk;
  const order = info.kept[positionOf(info, state.order)]!;
  const own = stateWish(walk, state.state, order);
  const predX0 = stateWish(walk, 'predX0', order);
  const otherOrder = other && orderAt(other.info, info, order);
  const wishes: Wish[] = [own, predX0];
  const wanted = (wish: Wish): Tensor | undefined => {
    wishes.push(wish);
    return get(wish);
  };
  const over = overlayOf(parts);
  const colours = (key: string, title: string, detail: string, tensor: Tensor | undefined, preview: SmallPicture | undefined, range: readonly [number, number] = [-1, 1], overlay?: Overlay): Pane =>
    ({ key, title, detail, preview: preview?.bitmap, picture: tensor && { kind: 'colours', tensor, low: range[0], high: range[1], overlay } });
  const stateRange = (tensor: Tensor | undefined): readonly [number, number] => (state.ownRange && tensor ? extremes(tensor) : [-1, 1]);
  const walked = ({ turns, info: its, previews }: ShownWalk, at: number, prefix: string, whose: string): readonly Pane[] => {
    const [stateNow, predicted, result] = [stateWish({ turns, info: its }, state.state, at), stateWish({ turns, info: its }, 'predX0', at), stateWish({ turns, info: its }, 'xT', its.steps.length)].map(wanted);
    const small = previews?.states[positionOf(its, at)];
    const t = at < its.steps.length ? `t = ${timestepText(timestepOf(its, at))}` : 'the result';
    return [
      colours(`${prefix}state`, state.state === 'predEps' && at < its.steps.length ? 'predEps' : at < its.steps.length ? 'x_t' : 'x_0', `${t}${whose}`, stateNow, state.state === 'xT' ? small?.xT : undefined, stateRange(stateNow)),
      colours(`${prefix}predX0`, 'predX0', whose === '' ? '' : whose.slice(2), predicted, small?.predX0, [-1, 1], over),
      colours(`${prefix}result`, 'Result', `x_0${whose}`, result, previews?.states.at(-1)?.xT, [-1, 1], over),
    ];
  };
  const panes: Pane[] = [
    colours('input', 'Input', 'y_0', wanted({ turns: [], state: 'input', order: 0 }), walk.previews?.input),
    colours('estimate', 'Estimate', 'f(y_0)', wanted({ turns: [], state: 'estimate', order: 0 }), walk.previews?.estimate),
    ...(other && otherOrder !== undefined ? compared(walked(walk, order, '', `, ${walk.name}`), walked(other, otherOrder, state.comparison === 'beside' ? 'other-' : '', `, ${other.name}`), parts) : walked(walk, order, '', '')),
  ];
  if (state.difference) panes.push(differencePane(parts, order, wanted));
  if (state.seedMap && seedMap) {
    const of = `of ${seedMap.info.seeds.length} seeds`;
    panes.push(colours('mean', 'Mean', of, seedMap.mean, undefined), { key: 'deviation', title: 'Deviation', detail: of, preview: undefined, picture: { kind: 'sequential', tensor: seedMap.deviation, peak: seedMap.info.peak, colours: parts.sequential } });
    panes.push(colours('blended', 'Blend', `estimate above ${state.above.toFixed(3)}`, blended, undefined));
  }
  const complete = wishes.every((wish) => get(wish) !== undefined);
  return { scene: { panes, side: info.size, order, complete, wipe: state.wipe }, wishes: [...wishes, ...nearby(parts, order)] };
}

/** The panes of two walks: all of them, or those of one with the other's behind a line or in their place. */
function compared(own: readonly Pane[], others: readonly Pane[], { state, walk, other, otherShown }: SceneParts): readonly Pane[] {
  if (state.comparison === 'beside') return [...own, ...others];
  if (otherShown) return others;
  return state.comparison === 'blink' ? own : own.map((pane, i) => ({ ...pane, detail: `${walk.name} | ${other!.name}`, right: others[i]! }));
}

/** The tensor of a state. The result is x_0 itself, whatever is asked of it. */
export function stateWish({ turns, info }: { readonly turns: readonly Turn[]; readonly info: WalkInfo }, state: StateKind, order: number): Wish {
  return order >= info.steps.length ? { turns, state: 'xT', order: info.steps.length } : { turns, state, order };
}

/** What will probably be looked at next. */
function nearby({ state, walk, other, direction }: SceneParts, order: number): readonly Wish[] {
  const { kept } = walk.info;
  const position = positionOf(walk.info, order);
  const positions = [...Array.from({ length: ahead }, (_, i) => position + direction * (i + 1)), ...Array.from({ length: behind }, (_, i) => position - direction * (i + 1))];
  return positions.flatMap((one) => {
    const at = kept[one];
    if (at === undefined) return [];
    const kinds = [...new Set([state.state, 'predX0', ...(state.difference ? [state.difference.of] : [])] as const)];
    const otherAt = other && orderAt(other.info, walk.info, at);
    return kinds.flatMap((kind) => [stateWish(walk, kind, at), ...(other && otherAt !== undefined ? [stateWish(other, kind, otherAt)] : [])]);
  });
}

/** The order to which the state at the cursor is compared, where that is a state of the same walk. */
function comparedOrder({ state, walk }: SceneParts, order: number): number | undefined {
  if (state.difference?.to === 'pinned') return walk.info.kept[positionOf(walk.info, state.pinned)];
  const position = positionOf(walk.info, order);
  return state.difference?.to === 'before' ? walk.info.kept[position - 1] : undefined;
}

function differencePane(parts: SceneParts, order: number, wanted: (wish: Wish) => Tensor | undefined): Pane {
  const { state, walk, other, diverging } = parts;
  const { of, to } = state.difference!;
  const against = ((): { readonly wish: Wish | undefined; readonly name: string } => {
    switch (to) {
      case 'input':
      case 'estimate':
        return { wish: { turns: [], state: to, order: 0 }, name: to };
      case 'result':
        return { wish: stateWish(walk, 'xT', walk.info.steps.length), name: 'result' };
      case 'before':
      case 'pinned': {
        const compared = comparedOrder(parts, order);
        return compared === undefined ? { wish: undefined, name: 'no step before it' } : { wish: stateWish(walk, of, compared), name: stateName(walk.info, compared) };
      }
      case 'other':
        return other ? { wish: stateWish(other, of, orderAt(other.info, walk.info, order)), name: other.name } : { wish: undefined, name: 'no branch to compare with' };
      default:
        return to satisfies never;
    }
  })();
  const [a, b] = [wanted(stateWish(walk, of, order)), against.wish && wanted(against.wish)];
  const { map, scale } = a && b ? difference(a, b) : { map: undefined, scale: 0 };
  const picture: PanePicture | undefined = map && a && b && { kind: 'signed', map, of: a, to: b, scale: state.scale ?? scale, colours: diverging };
  return { key: 'difference', title: 'Difference', detail: `${of === 'xT' ? 'x_t' : of} ${stateName(walk.info, order)} − ${against.name}`, preview: undefined, picture };
}

function stateName(info: WalkInfo, order: number): string {
  return order >= info.steps.length ? 'result' : timestepText(timestepOf(info, order));
}

function overlayOf({ state, seedMap, sequential }: SceneParts): Overlay | undefined {
  return state.seedMap && state.overlay && seedMap ? { tensor: seedMap.deviation, peak: seedMap.info.peak, opacity: state.opacity, colours: sequential } : undefined;
}

let lastDifference: { readonly a: Tensor; readonly b: Tensor; readonly map: SignedMap; readonly scale: number } | undefined;

/** The last one is kept: it is asked for again whenever anything else on the page changes. */
function difference(a: Tensor, b: Tensor): { readonly map: SignedMap; readonly scale: number } {
  if (lastDifference?.a !== a || lastDifference.b !== b) {
    const map = lumaDifference(a, b);
    lastDifference = { a, b, map, scale: scaleOf(map) };
  }
  return lastDifference;
}

const knownExtremes = new WeakMap<Tensor, readonly [number, number]>();

function extremes(tensor: Tensor): readonly [number, number] {
  const known = knownExtremes.get(tensor) ?? extremesOf(tensor);
  knownExtremes.set(tensor, known);
  return known;
}
