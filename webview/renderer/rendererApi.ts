/** What VS Code gives a renderer of notebook outputs, as far as it is used (documented under "Notebook API"). */
export interface RendererContext {
  /** Absent where nobody listens: a notebook that is shown without our extension. */
  readonly postMessage?: (message: unknown) => void;
}

export interface OutputItem {
  readonly id: string;
  json(): unknown;
}

export interface Renderer {
  renderOutputItem(item: OutputItem, element: HTMLElement): void;
  disposeOutputItem(id?: string): void;
}
