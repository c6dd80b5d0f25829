import uplotStyle from 'uplot/dist/uPlot.min.css';
import wipeStyle from '../viewer/wipe.css';
import { beforeAfter } from './beforeAfter.ts';
import { clipPair } from './clipPair.ts';
import { gridView } from './gridView.ts';
import { PlotView } from './plotView.ts';
import type { Readable } from './readStored.ts';
import style from './renderer.css';
import { stripView } from './stripView.ts';
import { tableView } from './tableView.ts';

/** What our editors show; other files open as VS Code opens them. */
const isMedia = /\.(png|jpe?g|webp|tiff?|avif|gif|bmp|mp4|m4v|mov|mkv|webm|avi)$/i;

type OneShown = (Readable & { readonly kind: 'outcome' })['shown'][number];

/** One output. Its styles reach nothing outside, and nothing from outside reaches it but the theme's variables. */
export class OutcomeView {
  private readonly ends: (() => void)[] = [];

  /** @param open absent where nothing can be opened */
  constructor(element: HTMLElement, readable: Readable, open: ((path: string) => void) | undefined) {
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const styles = document.createElement('style');
    styles.textContent = `${uplotStyle}\n${wipeStyle}\n${style}`;
    const body = document.createElement('div');
    body.className = 'outcome';
    root.replaceChildren(styles, body);
    if (readable.kind === 'unreadable') {
      body.append(line('note', readable.why));
      return;
    }
    for (const one of readable.shown) body.append(this.figure(one));
    for (const note of readable.notes) body.append(line('note', note));
    if (readable.links.length > 0) body.append(linkRow(readable.links, open));
  }

  dispose(): void {
    for (const end of this.ends) end();
  }

  private figure(one: OneShown): HTMLElement {
    if (one.kind === 'unknown') return line('note', one.text);
    const figure = document.createElement('figure');
    figure.className = one.kind;
    if (one.title !== '') {
      const caption = document.createElement('figcaption');
      caption.textContent = one.title;
      figure.append(caption);
    }
    figure.append(...this.contents(one));
    return figure;
  }

  private contents(one: Exclude<OneShown, { readonly kind: 'unknown' }>): readonly HTMLElement[] {
    switch (one.kind) {
      case 'picture':
        return [beforeAfter(one)];
      case 'clip':
        return clipPair(one);
      case 'strip':
        return stripView(one);
      case 'grid':
        return gridView(one);
      case 'table':
        return [tableView(one)];
      case 'plot': {
        const plot = new PlotView(one);
        this.ends.push(() => { plot.dispose(); });
        return plot.elements;
      }
      default:
        return one satisfies never;
    }
  }
}

function line(kind: string, text: string): HTMLElement {
  const element = document.createElement('p');
  element.className = kind;
  element.textContent = text;
  return element;
}

/** Files beside the notebook: buttons where they can be opened. */
function linkRow(links: readonly { readonly title: string; readonly path: string }[], open: ((path: string) => void) | undefined): HTMLElement {
  const row = document.createElement('div');
  row.className = 'links';
  for (const { title, path } of links) {
    if (!open) {
      row.append(line('note', `${title}: ${path}`));
      continue;
    }
    const button = document.createElement('button');
    button.className = 'link';
    button.textContent = isMedia.test(path) ? `Open ${title} in DifFace` : title;
    button.title = path;
    button.addEventListener('click', () => { open(path); });
    row.append(button);
  }
  return row;
}
