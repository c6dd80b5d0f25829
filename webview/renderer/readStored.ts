import type { LinkedFile, Shown, StoredOutcome } from '../protocol.ts';

/** What is shown of a stored output, or why it cannot be. The file may be damaged, written by hand, or by a newer extension. */
export type Readable = { readonly kind: 'outcome'; readonly shown: readonly (Shown | { readonly kind: 'unknown'; readonly text: string })[]; readonly links: readonly LinkedFile[]; readonly notes: readonly string[] } | { readonly kind: 'unreadable'; readonly why: string };

export function readStored(json: () => unknown): Readable {
  let read: unknown;
  try {
    read = json();
  } catch {
    return { kind: 'unreadable', why: 'This output is damaged. Run the cell again to make it anew.' };
  }
  const { version, shown, links, notes } = (typeof read === 'object' && read !== null ? read : {}) as { readonly [K in keyof StoredOutcome]?: unknown };
  if (typeof version === 'number' && version > 1) return { kind: 'unreadable', why: 'This output was made by a newer version of DifFace. Update the extension to see it, or run the cell again.' };
  if (version !== 1 || !Array.isArray(shown)) return { kind: 'unreadable', why: 'This is no output of DifFace that can be shown. Run the cell again to make it anew.' };
  return {
    kind: 'outcome',
    shown: shown.map((one: unknown) => (isShown(one) ? one : { kind: 'unknown', text: textOf(one) })),
    links: list(links).filter((one): one is LinkedFile => has(one, { title: isText, path: isText })),
    notes: list(notes).filter(isText),
  };
}

type Check = (value: unknown) => boolean;

function isShown(value: unknown): value is Shown {
  if (typeof value !== 'object' || value === null) return false;
  const { kind } = value as { readonly kind?: unknown };
  return typeof kind === 'string' && Object.hasOwn(checks, kind) && has(value, { title: isText, text: isText, ...checks[kind as Shown['kind']] });
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const optional = (check: Check): Check => (value) => value === undefined || check(value);
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const filled = (check: Check): Check => (value) => listOf(check)(value) && (value as readonly unknown[]).length > 0;
const object = (fields: Readonly<Record<string, Check>>): Check => (value) => has(value, fields);
const embedded = (mime: RegExp): Check => object({ mime: (value) => isText(value) && mime.test(value), data: isText, width: isNumber, height: isNumber });
const picture = embedded(/^image\/(png|jpeg|webp)$/);
const clip = embedded(/^video\/webm$/);
const axis = object({ title: isText, unit: optional(isText) });

const checks: Readonly<Record<Shown['kind'], Readonly<Record<string, Check>>>> = {
  picture: { after: picture, before: optional(picture) },
  clip: { after: clip, before: optional(clip), poster: picture, seconds: isNumber },
  strip: { steps: filled(object({ t: isNumber, xT: picture, predX0: picture })) },
  grid: { rows: listOf(isText), columns: listOf(isText), cells: filled(filled(picture)) },
  table: { columns: filled(axis), rows: listOf(listOf(orNull((value) => isText(value) || isNumber(value)))) },
  plot: { x: object({ title: isText, values: filled(isNumber) }), y: axis, lines: filled(object({ title: isText, values: listOf(orNull(isNumber)) })) },
};

function has(value: unknown, fields: Readonly<Record<string, Check>>): boolean {
  return typeof value === 'object' && value !== null && Object.entries(fields).every(([name, check]) => check((value as Readonly<Record<string, unknown>>)[name]));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  const { text } = (typeof value === 'object' && value !== null ? value : {}) as { readonly text?: unknown };
  return isText(text) && text !== '' ? text : 'This part of the output cannot be shown by this version of DifFace.';
}
