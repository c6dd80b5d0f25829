import { z } from 'zod';
import { actionSchemas, type ActionKind } from './actions.ts';

/** What a schema takes, as far as somebody who writes a value can be helped. */
export interface ValueShape {
  /** Words, numbers and yes or no. */
  readonly choices: readonly (string | number | boolean)[];
  /** Of a list's values. */
  readonly element?: z.ZodType;
  /** Of a mapping. */
  readonly fields?: Readonly<Record<string, z.ZodType>>;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly (string | number | boolean)[];
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly items?: readonly z.ZodType[];
}

export function shapeOf(schema: z.ZodType): ValueShape {
  const { type, innerType, options, entries, values, element, shape, items } = schema.def as unknown as Definition;
  if (innerType) return shapeOf(innerType);
  switch (type) {
    case 'union':
      return (options ?? []).map(shapeOf).reduce<ValueShape>((all, one) => ({ ...all, ...one, choices: [...all.choices, ...one.choices] }), { choices: [] });
    case 'enum':
      return { choices: Object.values(entries ?? {}) };
    case 'literal':
      return { choices: values ?? [] };
    case 'boolean':
      return { choices: [true, false] };
    case 'array':
      return { choices: [], ...(element ? { element } : {}) };
    case 'tuple':
      return { choices: [], ...(items?.[0] ? { element: items[0] } : {}) };
    case 'object':
      return { choices: [], ...(shape ? { fields: shape } : {}) };
    default:
      return { choices: [] };
  }
}

/** The range of a number, or of the number among several kinds of value. */
export function rangeOf(schema: z.ZodType): { readonly low?: number; readonly high?: number } {
  const { innerType, options } = schema.def as unknown as Definition;
  const number = options?.find((one) => one instanceof z.ZodNumber) ?? schema;
  if (innerType) return rangeOf(innerType);
  if (!(number instanceof z.ZodNumber)) return {};
  return { ...(number.minValue === null ? {} : { low: number.minValue }), ...(number.maxValue === null ? {} : { high: number.maxValue }) };
}

/** What is expected, without the verb: "a whole number from 1 to 1000". '' where nobody says it. */
export function expectedOf(schema: z.ZodType): string {
  const said = required(schema).safeParse(undefined).error?.issues[0]?.message ?? '';
  if (!said.startsWith('Invalid')) return said.replace(/,? (is|are) expected/, '');
  const { element, fields } = shapeOf(schema);
  if (element) return `a list of ${shapeOf(element).fields ? expectedOf(element) : `values, each ${expectedOf(element)}`}`;
  return fields ? `keys with values: ${Object.keys(fields).join(', ')}` : '';
}

function required(schema: z.ZodType): z.ZodType {
  const { type, innerType } = schema.def as unknown as Definition;
  return innerType && (type === 'optional' || type === 'readonly') ? required(innerType) : schema;
}

/** The keys of an action, in the order in which they are declared. */
export function keysOf(kind: ActionKind): Readonly<Record<string, z.ZodType>> {
  return actionSchemas[kind].shape;
}

/** The schema that a path inside of an action leads to; undefined where nothing is declared there. */
export function schemaAt(kind: ActionKind, path: readonly (string | number)[]): z.ZodType | undefined {
  const [name, ...inside] = path;
  let schema = typeof name === 'string' && Object.hasOwn(keysOf(kind), name) ? keysOf(kind)[name] : undefined;
  for (const step of inside) {
    if (!schema) return undefined;
    const { element, fields } = shapeOf(schema);
    schema = typeof step === 'number' ? element : fields && Object.hasOwn(fields, step) ? fields[step] : undefined;
  }
  return schema;
}

/** The key that a path leads to, or to an entry of whose list it leads: its name and schema. */
export function keyAt(kind: ActionKind, path: readonly (string | number)[]): { readonly name: string; readonly schema: z.ZodType | undefined } {
  const last = path.findLastIndex((step) => typeof step === 'string');
  return { name: String(path[last] ?? ''), schema: schemaAt(kind, path.slice(0, last + 1)) };
}
