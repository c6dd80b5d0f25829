import type { Shown } from '../protocol.ts';
import { columnTexts } from './valueText.ts';

/** Figures: numbers stand under each other, units in the heads of their columns. */
export function tableView({ columns, rows, text }: Shown & { readonly kind: 'table' }): HTMLElement {
  const table = document.createElement('table');
  table.className = 'figures';
  table.setAttribute('aria-label', text);
  const numeric = columns.map((_, c) => rows.every((row) => typeof row[c] !== 'string'));
  const head = table.createTHead().insertRow();
  columns.forEach(({ title, unit }, c) => {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.append(title);
    if (unit !== undefined && unit !== '') {
      const small = document.createElement('span');
      small.className = 'unit';
      small.textContent = ` ${unit}`;
      cell.append(small);
    }
    if (numeric[c] === true) cell.className = 'number';
    head.append(cell);
  });
  const texts = columns.map((_, c) => columnTexts(rows.map((row) => row[c] ?? null)));
  const body = table.createTBody();
  for (const r of rows.keys()) {
    const line = body.insertRow();
    columns.forEach((_, c) => {
      const cell = line.insertCell();
      cell.textContent = texts[c]![r]!;
      if (numeric[c] === true) cell.className = 'number';
    });
  }
  return table;
}
