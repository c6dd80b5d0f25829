import type { ColourMap } from './colourMap.ts';
import { orderAt, positionOf, timestepOf, timestepText } from './alignment.ts';
import { lumaDifference, scaleOf, type SignedMap } from './difference.ts';
import type { Overlay, Pane, PanePicture } from './panePicture.ts';
import type { PaneScene } from './paneGrid.ts';
import type { PreviewPictures, SmallPicture } from './previewPictures.ts';
import type { SeedMap } from './seedMap.ts';
import { extremesOf, type Tensor } from './tensor.ts';
import type { TrajectoryState } from './trajectoryState.ts';
import type { Need, Wish } from './wish.ts';
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
  readonly tensor: (wish: Wish) => Tensor | undefined;
  /** A state in full size and eight bits. */
  readonly picture: (wish: Wish) => ImageBitmap | undefined;
}

/** What all panes show, which tensors that needs, and what may be needed next; the most urgent first. */
export function paneScene(parts: SceneParts): { readonly scene: PaneScene; readonly needs: readonly Need[]; readonly nearby: readonly Wish[] } {
  const { state, walk, other, seedMap, blended } = parts;
  const { info } = walk;
  const order = info.kept[positionOf(info, state.order)]!;
  const otherOrder = other && orderAt(other.info, info, order);
  const needs: Need[] = [];
  const wanted = (wish: Wish, picture = false): Tensor | undefined => {
    needs.push({ ...wish, picture });
    return parts.tensor(wish);
  };
  const over = overlayOf(parts);
  const colours = (key: string, title: string, detail: string, tensor: Tensor | undefined, preview: ImageBitmap | undefined, range: readonly [number, number] = [-1, 1], overlay?: Overlay): Pane =>
    ({ key, title, detail, preview, picture: tensor && { kind: 'colours', tensor, low: range[0], high: range[1], overlay } });
  // A picture shows [-1, 1] and nothing over it.
  const ofState = (key: string, title: string, detail: string, wish: Wish, small: SmallPicture | undefined, look: { readonly ownRange?: boolean; readonly overlay?: Overlay | undefined }): Pane => {
    const tensor = wanted(wish, look.ownRange !== true && !look.overlay);
    return colours(key, title, detail, tensor, parts.picture(wish) ?? small?.bitmap, look.ownRange === true && tensor ? extremes(tensor) : [-1, 1], look.overlay);
  };
  const walked = ({ turns, info: its, previews }: ShownWalk, at: number, prefix: string, whose: string): readonly Pane[] => {
    const small = previews?.states[positionOf(its, at)];
    const of = (kind: StateKind, order: number): Wish => stateWish({ turns, info: its }, kind, order);
    const [ended, t] = at < its.steps.length ? [false, `t = ${timestepText(timestepOf(its, at))}`] : [true, 'the result'];
    return [
      ofState(`${prefix}state`, ended ? 'x_0' : state.state === 'predEps' ? 'predEps' : 'x_t', `${t}${whose}`, of(state.state, at), state.state === 'xT' ? small?.xT : undefined, { ownRange: state.ownRange }),
      ofState(`${prefix}predX0`, 'predX0', whose === '' ? '' : whose.slice(2), of('predX0', at), small?.predX0, { overlay: over }),
      ofState(`${prefix}result`, 'Result', `x_0${whose}`, of('xT', its.steps.length), previews?.states.at(-1)?.xT, { overlay: over }),
    ];
  };
  const input = ofState('input', 'Input', 'y_0', { turns: [], state: 'input', order: 0 }, walk.previews?.input, {});
  const estimate = ofState('estimate', 'Estimate', 'f(y_0)', { turns: [], state: 'estimate', order: 0 }, walk.previews?.estimate, {});
  const own = walked(walk, order, '', other ? `, ${walk.name}` : '');
  const others = other && otherOrder !== undefined ? walked(other, otherOrder, state.comparison === 'beside' ? 'other-' : '', `, ${other.name}`) : undefined;
  const difference = state.difference ? [differencePane(parts, order, wanted)] : [];
  // Beside each other is below each other: what is compared stands in one column.
  const below = others && state.comparison === 'beside' ? [input, ...own, ...difference] : undefined;
  const panes: Pane[] = below && others ? [...below, estimate, ...others] : [input, estimate, ...(others ? inOnePlace(own, others, parts) : own), ...difference];
  if (state.seedMap && seedMap) {
    const of = `of ${seedMap.info.seeds.length} seeds`;
    panes.push(colours('mean', 'Mean', of, seedMap.mean, undefined), { key: 'deviation', title: 'Deviation', detail: of, preview: undefined, picture: { kind: 'sequential', tensor: seedMap.deviation, peak: seedMap.info.peak, colours: parts.sequential } });
    panes.push(colours('blended', 'Blend', `estimate above ${state.above.toFixed(3)}`, blended, undefined));
  }
  const complete = needs.every((need) => parts.tensor(need) !== undefined || (need.picture && parts.picture(need) !== undefined));
  return { scene: { panes, columns: below?.length, side: info.size, order, complete, wipe: state.wipe }, needs, nearby: nearby(parts, order) };
}

/** The panes of one walk with the other's behind a line or in their place. */
function inOnePlace(own: readonly Pane[], others: readonly Pane[], { state, walk, other, otherShown }: SceneParts): readonly Pane[] {
  if (otherShown) return others;
  return state.comparison === 'blink' ? own : own.map((pane, i) => ({ ...pane, detail: `${walk.name} | ${other!.name}`, right: others[i]! }));
}

/** The tensor of a state. The result is x_0 itself, whatever is asked of it. */
export function stateWish({ turns, info }: { readonly turns: readonly Turn[]; readonly info: WalkInfo }, state: StateKind, order: number): Wish {
  return order >= info.steps.length ? { turns, state: 'xT', order: info.steps.length } : { turns, state, order };
}

/** States between one and the next with Shift held. */
const leap = 10;

/** What will be looked at next, from the most probable on: ahead, a little of what lies behind and a leap away, then the whole walk by its distance. */
function nearby({ state, walk, other, direction }: SceneParts, order: number): readonly Wish[] {
  const { kept } = walk.info;
  const position = positionOf(walk.info, order);
  const distance = (at: number): number => {
    const steps = Math.abs(at - position);
    return ((at - position) * direction > 0 ? 1 : 2) * (steps === leap ? 2 : steps);
  };
  const positions = [...kept.keys()].filter((at) => at !== position).sort((a, b) => distance(a) - distance(b));
  const kinds = [...new Set([state.state, 'predX0', ...(state.difference ? [state.difference.of] : [])] as const)];
  return positions.flatMap((one) => {
    const at = kept[one]!;
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
