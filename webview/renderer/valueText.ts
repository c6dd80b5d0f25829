/** A figure as a person reads it: four digits that count, a proper minus, a dash where there is none. */
export function valueText(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return String(value).replace('-', '−');
  const digits = Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits).replace('-', '−');
}
