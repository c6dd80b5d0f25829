import type { Shown } from '../../recipe/outcome.ts';
import type { Illustrated } from './illustrated.ts';

type Table = Extract<Shown, { readonly kind: 'table' }>;

/** A table, in words the same with aligned columns. */
export function table(title: string, columns: Table['columns'], rows: Table['rows']): Illustrated {
  return { shown: { kind: 'table', title, columns, rows, text: `${title}\n${aligned([columns.map(({ title: name, unit }) => (unit === undefined ? name : `${name} (${unit})`)), ...rows])}` } };
}

/** Numbers stand right, words left; what is not there is a dash. */
export function aligned(rows: readonly (readonly (string | number | null)[])[]): string {
  const written = rows.map((row) => row.map((value) => (value === null ? '-' : String(value))));
  const widths = written[0]!.map((_, column) => Math.max(...written.map((row) => row[column]!.length)));
  const right = written[0]!.map((_, column) => rows.slice(1).some((row) => typeof row[column] === 'number'));
  return written.map((row) => row.map((value, column) => (right[column] === true ? value.padStart(widths[column]!) : value.padEnd(widths[column]!))).join('  ').trimEnd()).join('\n');
}

/** A figure with so many digits behind the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
