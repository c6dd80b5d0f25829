import type { Shown } from '../../recipe/outcome.ts';
import type { Illustrated } from './illustrated.ts';

type Table = Extract<Shown, { readonly kind: 'table' }>;

/** A table, in words the same with aligned columns. */
export function table(title: string, columns: Table['columns'], rows: Table['rows']): Illustrated {
  return { shown: { kind: 'table', title, columns, rows, text: `${title}\n${aligned([columns.map(({ title: name, unit }) => (unit === undefined ? name : `${name} (${unit})`)), ...rows])}` } };
}

/** Numbers stand right and have as many digits as the others of their column, words stand left; what is not there is a dash. */
export function aligned(rows: readonly (readonly (string | number | null)[])[]): string {
  const digits = rows[0]!.map((_, column) => Math.max(0, ...rows.map((row) => (typeof row[column] === 'number' ? String(row[column]).split('.')[1]?.length ?? 0 : 0))));
  const written = rows.map((row) => row.map((value, column) => (value === null ? '-' : typeof value === 'number' ? value.toFixed(digits[column]) : value)));
  const widths = written[0]!.map((_, column) => Math.max(...written.map((row) => row[column]!.length)));
  const right = written[0]!.map((_, column) => written.slice(1).every((row) => /^(-?\d+(\.\d+)?|-|∞)$/.test(row[column]!)));
  return written.map((row) => row.map((value, column) => (right[column] === true ? value.padStart(widths[column]!) : value.padEnd(widths[column]!))).join('  ').trimEnd()).join('\n');
}

/** A figure with so many digits behind the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
