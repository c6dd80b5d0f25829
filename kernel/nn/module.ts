import type { Value } from './value.ts';

/** A tensor of the checkpoint. Its key is the path of property names that leads to it from the root module. */
export class Parameter {
  #key: string | undefined;
  constructor(readonly shape: readonly number[]) {}

  /** Known once the root module was bound. */
  get key(): string {
    if (this.#key === undefined) throw new Error('a parameter has no key before bind() was called on the root module');
    return this.#key;
  }

  bind(key: string): void {
    this.#key = key;
  }
}

/** Anything that turns one value into another: a module with parameters, or a plain function in a coat. */
export interface Layer {
  forward(x: Value): Value;
}

/** A part of a network. Properties that hold modules or parameters are its children: their names are the checkpoint's keys. */
export abstract class Module {
  #key = '';

  /** Path from the root, '' for the root. */
  get key(): string {
    return this.#key;
  }

  /** Gives every module and parameter below its key. Called once, on the root. */
  bind(key = ''): this {
    this.#key = key;
    for (const [name, child] of this.children()) child.bind(key === '' ? name : `${key}.${name}`);
    return this;
  }

  /** Every parameter below by its key, in the order of the properties. */
  *parameters(): Generator<Parameter> {
    for (const [, child] of this.children()) {
      if (child instanceof Parameter) yield child;
      else yield* child.parameters();
    }
  }

  protected *children(): Generator<readonly [name: string, child: Module | Parameter]> {
    for (const [name, child] of Object.entries(this)) {
      if (child instanceof Module || child instanceof Parameter) yield [name, child];
    }
  }
}

/** Layers one after the other; their keys are their indices. */
export class Sequential<Layers extends readonly Layer[] = readonly Layer[]> extends Module implements Layer {
  readonly #layers: Layers;

  constructor(...layers: Layers) {
    super();
    this.#layers = layers;
  }

  /** The layer itself: its parameters keep their keys. */
  at<Index extends keyof Layers & number>(index: Index): Layers[Index] {
    return this.#layers[index];
  }

  /** A view of some of the layers, with the keys they have here. */
  slice(start: number, end?: number): Sequential {
    return new Sequential(...this.#layers.slice(start, end));
  }

  forward(x: Value): Value {
    return this.#layers.reduce((value, layer) => layer.forward(value), x);
  }

  protected override *children(): Generator<readonly [name: string, child: Module | Parameter]> {
    for (const [index, layer] of this.#layers.entries()) {
      if (layer instanceof Module) yield [String(index), layer];
    }
  }
}

/** Modules that the owner calls itself; their keys are their indices. */
export class ModuleList<M extends Module> extends Module implements Iterable<M> {
  readonly #modules: readonly M[];

  constructor(modules: Iterable<M>) {
    super();
    this.#modules = [...modules];
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#modules[Symbol.iterator]();
  }

  protected override *children(): Generator<readonly [name: string, child: Module | Parameter]> {
    for (const [index, module] of this.#modules.entries()) yield [String(index), module];
  }
}
