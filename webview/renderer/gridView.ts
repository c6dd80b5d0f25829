import type { Embedded, Shown } from '../protocol.ts';
import { pictureOf } from './embedded.ts';

/** Sides of the pictures, in CSS pixels: in the grid at most, and enlarged at least. */
const [widest, enlarged] = [128, 288];

/** Results side by side. A click enlarges one; arrow keys go from one to the next. */
export function gridView({ rows, columns, cells, text }: Shown & { readonly kind: 'grid' }): readonly HTMLElement[] {
  const count = Math.max(...cells.map((row) => row.length));
  const side = Math.min(widest, Math.max(40, Math.floor(620 / count)));
  const table = document.createElement('table');
  table.className = 'grid';
  table.setAttribute('aria-label', text);
  if (columns.some((label) => label !== '')) {
    const head = table.createTHead().insertRow();
    head.append(document.createElement('td'), ...columns.map((label) => heading(label, 'col')));
  }
  const large = document.createElement('div');
  large.className = 'enlarged';
  large.hidden = true;
  const buttons: HTMLButtonElement[][] = [];
  const nameOf = (r: number, c: number): string => [rows[r], columns[c]].filter((label) => label !== undefined && label !== '').join(', ');

  const toggle = (button: HTMLButtonElement, picture: Embedded, name: string): void => {
    const open = button.getAttribute('aria-pressed') !== 'true';
    for (const one of buttons.flat()) one.setAttribute('aria-pressed', String(open && one === button));
    large.hidden = !open;
    const label = document.createElement('div');
    label.className = 'label';
    label.textContent = name;
    large.replaceChildren(label, pictureOf(picture, name, Math.max(enlarged, Math.min(picture.width, 512))));
  };
  const body = table.createTBody();
  cells.forEach((row, r) => {
    const line = body.insertRow();
    line.append(heading(rows[r] ?? '', 'row'));
    buttons.push(row.map((picture, c) => {
      const name = nameOf(r, c);
      const button = document.createElement('button');
      button.className = 'grid-cell';
      button.tabIndex = r === 0 && c === 0 ? 0 : -1;
      button.title = `${name}: enlarge`;
      button.setAttribute('aria-label', name);
      button.setAttribute('aria-pressed', 'false');
      button.append(pictureOf(picture, '', side));
      button.addEventListener('click', () => { toggle(button, picture, name); });
      button.addEventListener('keydown', (event) => { move(event, buttons, r, c); });
      line.insertCell().append(button);
      return button;
    }));
  });
  const place = document.createElement('div');
  place.className = 'grid-place';
  place.append(table, large);
  return [place];
}

function move(event: KeyboardEvent, buttons: readonly (readonly HTMLButtonElement[])[], r: number, c: number): void {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
  const to = buttons[r + down!]?.[c + right!];
  if (!to || (down === 0 && right === 0)) return;
  event.preventDefault();
  event.stopPropagation();
  for (const one of buttons.flat()) one.tabIndex = one === to ? 0 : -1;
  to.focus();
}

function heading(label: string, scope: 'row' | 'col'): HTMLElement {
  const cell = document.createElement('th');
  cell.scope = scope;
  cell.textContent = label;
  return cell;
}
