/** A figure under the pointer as a person reads it: four digits that count, a proper minus, a dash where there is none. */
export function valueText(value: number | null): string {
  if (value === null) return '–';
  if (Number.isInteger(value)) return withMinus(String(value));
  const digits = Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return withMinus(value.toFixed(digits));
}

/** Figures of one column: all with as many decimals as the one that has most, so that they stand under each other. */
export function columnTexts(values: readonly (string | number | null)[]): readonly string[] {
  const numbers = values.filter((value) => typeof value === 'number');
  const digits = Math.max(0, ...numbers.map((value) => (/\.(\d+)$/.exec(String(Number(value.toPrecision(6))))?.[1] ?? '').length));
  return values.map((value) => (value === null ? '–' : typeof value === 'string' ? value : withMinus(value.toFixed(Math.min(6, digits)))));
}

function withMinus(figure: string): string {
  return figure.replace('-', '−');
}
