import { OptionFailure } from '../../failure.ts';
import type { CompareAction } from '../../recipe/actions.ts';
import { walkPart, type RestoreRequest } from '../../recipe/restoreOptions.ts';
import type { SamplerKind } from '../../diffusion/recipe.ts';

/** More cells nobody looks at, and they take hours. */
const mostCells = 100;

const axisNames = ['sampler', 'start', 'steps', 'eta', 'seed'] as const;
type AxisName = (typeof axisNames)[number];
type AxisValues = Pick<RestoreRequest, AxisName>;

interface Axis {
  readonly name: AxisName;
  readonly values: readonly (string | number)[];
}

/** The grid of a comparison: what every cell is made with, under the words for its row and its column. */
export interface ComparedCells {
  /** '' where there is one row alone. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `cells[row][column]` */
  readonly cells: readonly (readonly AxisValues[])[];
}

/**
 * The product of the keys that have lists. The longest list, of equal ones that which stands first, is the columns; the others are the rows, the first of them changing slowest.
 * @param order of the keys as they stand in the document
 * @throws OptionFailure('usage') for more than 100 cells
 */
export function comparedCells(action: CompareAction, order: readonly string[]): ComparedCells {
  const names = axisNames.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  const axes = names.flatMap((name): Axis[] => (Array.isArray(action[name]) ? [{ name, values: action[name] as Axis['values'] }] : []));
  const fixed = Object.fromEntries(names.filter((name) => action[name] !== undefined && !Array.isArray(action[name])).map((name) => [name, action[name]])) as AxisValues;
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > mostCells) throw new OptionFailure('usage', axes[0]!.name, `${axes.map(({ values, name }) => `${values.length} x '${name}'`).join(', ')} make ${count} cells, and at most ${mostCells} are compared; leave some values away`);
  const across = axes.reduce<Axis | undefined>((longest, axis) => (longest && longest.values.length >= axis.values.length ? longest : axis), undefined);
  const columns = product(across ? [across] : []);
  const rows = product(axes.filter((axis) => axis !== across));
  return {
    columns: columns.map((values) => labelOf(across ? values : fixed)), rows: rows.map(labelOf),
    cells: rows.map((row) => columns.map((column) => ({ ...fixed, ...row, ...column }))),
  };
}

/** What decides the walks of all cells. */
export function sharedOptions(action: CompareAction): RestoreRequest {
  return walkPart(Object.fromEntries(Object.entries(action).filter(([name]) => !axisNames.some((axis) => axis === name))));
}

/**
 * What a cell is made with. In a comparison of samplers, those that have no eta are computed without it, and ddpm, which takes every step, without a number of steps.
 * @param model sampler of the model
 * @returns the values, and what was left away; values that contradict themselves without that stay and are refused where they are planned
 */
export function applicable(values: AxisValues, { sampler: samplers }: Pick<CompareAction, 'sampler'>, model: SamplerKind): { readonly values: AxisValues; readonly left: readonly AxisName[] } {
  const compared = Array.isArray(samplers) ? samplers as readonly SamplerKind[] : [];
  const sampler = values.sampler ?? model;
  const takes = { eta: (kind: SamplerKind) => kind === 'ddim', steps: (kind: SamplerKind) => kind !== 'ddpm' } as const;
  const left = (['eta', 'steps'] as const).filter((name) => values[name] !== undefined && !takes[name](sampler) && compared.some(takes[name]));
  return { values: Object.fromEntries(Object.entries(values).filter(([name]) => !left.some((gone) => gone === name))), left };
}

function product(axes: readonly Axis[]): readonly AxisValues[] {
  return axes.reduce<readonly AxisValues[]>((all, { name, values }) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))), [{}]);
}

/** "seed 1", "eta 0.5, steps 10" */
function labelOf(values: AxisValues): string {
  return Object.entries(values).map(([name, value]) => (name === 'sampler' ? value : `${name} ${value}`)).join(', ');
}
