import type { Player } from './player/player.ts';
import type { Mode } from './viewer/scene.ts';

/** What keys can do in an editor. */
export interface KeyActions {
  readonly player: Player | undefined;
  readonly onPlay: () => void;
  readonly onMode: (mode: Mode) => void;
  readonly mode: Mode;
  readonly onPeek: (on: boolean) => void;
  readonly onFit: () => void;
  readonly onActual: () => void;
  readonly onZoom: (factor: number) => void;
  /** By CSS pixels. */
  readonly onPan: (dx: number, dy: number) => void;
  readonly onIn: () => void;
  readonly onOut: () => void;
  readonly onFrames: () => void;
  readonly onRestore: () => void;
  readonly onTrajectory: () => void;
  readonly onCancel: () => void;
}

/** Handles a key that was pressed outside of a field. @returns true when it meant something */
export function handleKey(event: KeyboardEvent, actions: KeyActions): boolean {
  const { player } = actions;
  if (event.ctrlKey || event.metaKey) return false;
  const pan = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (pan && (event.altKey || !player || pan[1] !== 0)) {
    const far = event.shiftKey ? 200 : 40;
    actions.onPan(pan[0]! * far, pan[1]! * far);
    return true;
  }
  if (event.altKey) return false;
  const step = event.shiftKey ? 10 : 1;
  const table: Readonly<Record<string, (() => void) | undefined>> = {
    '0': actions.onFit, '1': actions.onActual,
    '+': () => { actions.onZoom(1.25); }, '=': () => { actions.onZoom(1.25); }, '-': () => { actions.onZoom(0.8); },
    s: () => { actions.onMode(actions.mode === 'split' ? 'original' : 'split'); },
    h: () => { actions.onPeek(true); },
    f: actions.onFrames, t: actions.onTrajectory,
    Enter: actions.onRestore, Escape: actions.onCancel,
    ' ': player ? actions.onPlay : () => { actions.onPeek(true); },
    ...(player ? {
      ArrowLeft: () => { player.step(-step); }, ArrowRight: () => { player.step(step); },
      Home: () => { player.seek(0); }, End: () => { player.seek(Infinity); },
      j: () => { player.play(player.rate < 0 ? Math.max(-8, player.rate * 2) : -1); },
      k: () => { player.pause(); },
      l: () => { player.play(player.rate > 0 ? Math.min(8, player.rate * 2) : 1); },
      m: () => { player.setMuted(!player.muted); },
      i: actions.onIn, o: actions.onOut,
    } : {}),
  };
  const act = table[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  act?.();
  return act !== undefined;
}

/** Whether a key moves the playhead of a clip: it no longer goes with the restoration then. */
export function movesPlayhead({ key, altKey }: KeyboardEvent): boolean {
  return !altKey && ['ArrowLeft', 'ArrowRight', 'Home', 'End', ' ', 'j', 'k', 'l', 'J', 'K', 'L'].includes(key);
}

/** Whether Escape was pressed in a field that has no use for it itself: an open list closes, a name that is being changed stays as it was. */
export function escapesField(event: KeyboardEvent): boolean {
  if (event.key !== 'Escape' || !belongsToControl(event)) return false;
  return !event.composedPath().some((target) => target instanceof HTMLElement && (target.matches('.rename') || ('open' in target && target.open === true)));
}

/** Whether the key belongs to the control that has the focus. */
export function belongsToControl(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('input, textarea, select, vscode-textfield, vscode-single-select, [role=listbox], [role=option], [role=combobox]')) return true;
  return (event.key === ' ' || event.key === 'Enter') && target.matches('button, vscode-button, [role=button], summary, a');
}
