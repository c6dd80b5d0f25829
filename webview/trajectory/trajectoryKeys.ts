/** What keys can do in the trajectory view. */
export interface TrajectoryKeyActions {
  /** By kept states. */
  readonly onStep: (by: number) => void;
  readonly onEnd: (end: 'first' | 'last') => void;
  /** Space: plays in a direction, or stops. */
  readonly onPlay: (direction: 1 | -1) => void;
  readonly onPause: () => void;
  /** J and L: plays, the faster the more often it is pressed. */
  readonly onFaster: (direction: 1 | -1) => void;
  readonly onFit: () => void;
  readonly onActual: () => void;
  readonly onZoom: (factor: number) => void;
  /** By steps of the picture, or of the crosshair's pixels where it was placed. */
  readonly onMove: (dx: number, dy: number) => void;
  readonly onCrosshair: () => void;
  readonly onBranch: () => void;
  readonly onPin: () => void;
  readonly onDifference: () => void;
  /** The other of two walks, as long as the key is held. */
  readonly onOther: () => void;
  readonly onCancel: () => void;
  readonly onBack: () => void;
}

type KeyPress = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>;

/** Handles a key that was pressed outside of a field. @returns true when it meant something */
export function handleTrajectoryKey({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyPress, actions: TrajectoryKeyActions): boolean {
  if (ctrlKey || metaKey) return false;
  const far = shiftKey ? 10 : 1;
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (move && (altKey || move[1] !== 0)) {
    actions.onMove(move[0]! * far, move[1]! * far);
    return true;
  }
  if (altKey) return false;
  const table: Readonly<Record<string, (() => void) | undefined>> = {
    ArrowLeft: () => { actions.onStep(-far); }, ArrowRight: () => { actions.onStep(far); },
    PageDown: () => { actions.onStep(-10); }, PageUp: () => { actions.onStep(10); },                       // as of every slider
    Home: () => { actions.onEnd('first'); }, End: () => { actions.onEnd('last'); },
    ' ': () => { actions.onPlay(shiftKey ? -1 : 1); },
    j: () => { actions.onFaster(-1); }, k: actions.onPause, l: () => { actions.onFaster(1); },
    '0': actions.onFit, '1': actions.onActual,
    '+': () => { actions.onZoom(1.25); }, '=': () => { actions.onZoom(1.25); }, '-': () => { actions.onZoom(0.8); },
    c: actions.onCrosshair, b: actions.onBranch, p: actions.onPin, d: actions.onDifference, o: actions.onOther,
    t: actions.onBack, Escape: actions.onCancel,
  };
  const act = table[key.length === 1 ? key.toLowerCase() : key];
  act?.();
  return act !== undefined;
}
