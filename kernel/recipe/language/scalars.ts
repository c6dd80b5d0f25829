import { isAlias, isMap, isPair, isScalar, isSeq, type Alias, type Document, type Node, type Scalar, type YAMLMap } from 'yaml';

/** A scalar of a document and where it stands in its structure. */
export interface FoundScalar {
  readonly node: Scalar & { readonly range: readonly [number, number, number] };
  readonly role: 'key' | 'value';
  /** Names and places from the action on that lead to the value; for a key, to the mapping it is in. */
  readonly path: readonly (string | number)[];
  /** Its entry: which action, counted among all that stand in the list. */
  readonly entry: number;
  /** The mapping of the action; undefined where it is not in one. */
  readonly action: YAMLMap | undefined;
  /** The mapping that it is a key of. */
  readonly map: YAMLMap | undefined;
  readonly flow: boolean;
}

type Place = Omit<FoundScalar, 'node' | 'role'>;
type Item = Node | Alias | null | undefined;

/** Every scalar of a document, in the order of the text. Iterative: a document may be nested deeper than the stack. */
export function* scalarsOf(yaml: Document.Parsed): Generator<FoundScalar> {
  const root = yaml.contents as Item;
  const top: Place = { path: [], entry: 0, action: undefined, map: undefined, flow: false };
  const open: (readonly [Item, Place, 'key' | 'value'])[] = isSeq(root)
    ? (root.items as Item[]).map((item, entry) => [isPair(item) ? (item.key as Item) : item, { ...top, entry, flow: root.flow === true }, 'value'] as const).reverse()
    : [[root, top, 'value']];
  while (open.length > 0) {
    const [node, place, role] = open.pop()!;
    if (isScalar(node)) {
      if (node.range) yield { ...place, node: node as FoundScalar['node'], role };
    } else if (isMap(node)) {
      const flow = place.flow || node.flow === true;
      for (const { key, value } of [...node.items].reverse() as { readonly key: Item; readonly value: Item }[]) {
        const inside: Place = { ...place, action: place.action ?? node, map: node, flow };
        open.push([value, { ...inside, map: undefined, path: [...place.path, isScalar(key) ? String(key.value) : ''] }, 'value'], [key, inside, 'key']);
      }
    } else if (isSeq(node)) {
      const flow = place.flow || node.flow === true;
      for (const [i, item] of [...node.items.entries()].reverse() as [number, Item][]) open.push([isPair(item) ? (item.key as Item) : item, { ...place, path: [...place.path, i], flow }, 'value']);
    } else if (isAlias(node)) continue;
  }
}

/** Names of the keys of a mapping. */
export function namesOf(map: YAMLMap | undefined): readonly string[] {
  return map ? map.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : [];
}
