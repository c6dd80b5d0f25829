import type { Shown } from '../protocol.ts';
import { pictureOf } from './embedded.ts';

/** Sides of the pictures, in CSS pixels. */
const [large, small] = [192, 48];

/** The states of a walk: those of one step in large, all of them below. */
export function stripView({ steps, text }: Shown & { readonly kind: 'strip' }): readonly HTMLElement[] {
  const stateName = (i: number): string => `state ${i + 1} of ${steps.length}, t = ${steps[i]!.t}`;
  const pair = document.createElement('div');
  pair.className = 'state-pair';
  pair.setAttribute('role', 'group');
  pair.setAttribute('aria-label', text);
  const bar = document.createElement('div');
  bar.className = 'transport';
  const at = document.createElement('input');
  Object.assign(at, { type: 'range', min: '0', max: String(steps.length - 1), step: '1' });
  at.setAttribute('aria-label', 'State');
  const where = document.createElement('span');
  where.className = 'number';
  bar.append(at, where);

  const film = document.createElement('div');
  film.className = 'film';
  const cells = steps.map(({ xT, predX0 }, i) => {
    const cell = document.createElement('button');
    cell.className = 'film-cell';
    cell.tabIndex = -1;                                                 // the slider reaches them all
    cell.title = cell.ariaLabel = stateName(i);
    cell.append(pictureOf(xT, '', small), pictureOf(predX0, '', small));
    cell.addEventListener('click', () => { show(i); });
    return cell;
  });
  film.append(...cells);

  const show = (i: number): void => {
    const { xT, predX0 } = steps[i]!;
    pair.replaceChildren(labelled('x', 't', pictureOf(xT, `x_t at ${stateName(i)}`, large)), labelled('predX', '0', pictureOf(predX0, `predX0 at ${stateName(i)}`, large)));
    cells.forEach((cell, of) => {
      if (of === i) cell.setAttribute('aria-current', 'step');
      else cell.removeAttribute('aria-current');
    });
    at.value = String(i);
    at.setAttribute('aria-valuetext', stateName(i));
    where.textContent = stateName(i);
  };
  at.addEventListener('input', () => { show(Number(at.value)); });
  show(steps.length - 1);
  return [pair, bar, film];
}

function labelled(name: string, index: string, picture: HTMLElement): HTMLElement {
  const place = document.createElement('div');
  const label = document.createElement('div');
  label.className = 'label';
  const below = document.createElement('sub');
  below.textContent = index;
  label.append(name, below);
  place.append(label, picture);
  return place;
}
