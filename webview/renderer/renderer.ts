import { OutcomeView } from './outcomeView.ts';
import { readStored } from './readStored.ts';
import type { OutputItem, Renderer, RendererContext } from './rendererApi.ts';

/** Shows what recipes came to, in notebooks. VS Code calls it when the first output of ours is to be seen. */
export function activate({ postMessage }: RendererContext): Renderer {
  const views = new Map<string, OutcomeView>();
  const dispose = (id: string): void => {
    views.get(id)?.dispose();
    views.delete(id);
  };
  return {
    renderOutputItem(item: OutputItem, element: HTMLElement): void {
      dispose(item.id);
      views.set(item.id, new OutcomeView(element, readStored(() => item.json()), postMessage && ((path) => { postMessage({ kind: 'open', path }); })));
    },
    disposeOutputItem(id?: string): void {
      for (const one of id === undefined ? [...views.keys()] : [id]) dispose(one);
    },
  };
}
