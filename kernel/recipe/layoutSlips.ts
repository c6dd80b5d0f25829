import { actionKinds, type ActionKind } from './actions.ts';
import type { Edit } from './edits.ts';
import { gluedKey } from './gluedKeys.ts';
import { columnOf, layoutLines, wordOf, type LayoutLine } from './layoutLines.ts';
import { inserted, movedBy, type LayoutSlip } from './layoutSlip.ts';
import { valueEnd } from './openValues.ts';
import { nearest } from './nearest.ts';
import { oddSpaces } from './oddSpaces.ts';
import type { Span } from './problem.ts';
import { keysOf, shapeOf } from './valueShape.ts';
import { words } from './yamlWords.ts';

/** The first tell what is the matter. */
const mostSlips = 20;

/** A mapping: the column of its keys, counted from 0, and the first of them. */
interface Level {
  readonly column: number;
  readonly first: string;
  /** Nothing stands behind its last key's colon yet: what belongs to it may be indented further. */
  open: boolean;
}

/** What seems to be laid out wrongly in a recipe. It need not be: a text that is right is not to be asked about. */
export function layoutSlips(text: string): readonly LayoutSlip[] {
  if (text.startsWith('\uFEFF')) return layoutSlips(text.slice(1)).map((slip) => movedBy(1, slip));
  const spaces = oddSpaces(text);
  return spaces ? [spaces] : new LayoutWalk(text, layoutLines(text)).slips();
}

/** Goes down the lines, and takes each where it should stand. */
class LayoutWalk {
  private readonly found: LayoutSlip[] = [];
  /** Of lines that move with one above them: their white space then. */
  private readonly leads = new Map<number, string>();
  private levels: Level[] = [];
  /** Lines whose dashes lack their space. */
  private readonly entries = new Set<number>();
  /** Column of the first dash, where the recipe is a list. */
  private list: number | undefined;
  /** Where the first action began, and its column. */
  private first: { readonly line: number; readonly column: number } | undefined;

  constructor(private readonly text: string, private readonly lines: readonly LayoutLine[]) {}

  slips(): readonly LayoutSlip[] {
    for (let i = 0; i < this.lines.length && this.found.length < mostSlips;) i = this.take(i);
    return this.found;
  }

  /** @returns the line that comes next */
  private take(i: number): number {
    const line = this.lines[i]!;
    if (line.blank || /^(---|\.\.\.|%)/.test(line.lead + line.value)) return i + 1;
    const glued = line.key === undefined ? gluedKey(line.value) : undefined;
    if (line.key === undefined && line.dashes === '' && !glued) {
      if (this.isEntry(i)) this.spaceDash(i, []);
      return this.after(i);
    }
    if ((this.leads.get(i) ?? line.lead).includes('\t')) this.tab(i);
    const name = (line.key ?? glued?.name ?? '').replaceAll(/["']/g, '');
    if (this.isKeyOfAbove(i, name)) this.removeDash(i, name);
    else if (line.dashes === '') this.key(i, name);
    else {
      if (line.tight) this.spaceDash(i, this.movedAlong(i));
      this.dash(i, name);
    }
    if (line.key !== undefined && /^-(\s|$)/.test(line.value)) this.breakLine(i, name);
    const top = this.levels.at(-1);
    if (glued) this.glue(line, glued);
    if (top) top.open = line.key !== undefined && /^(?:[&!]\S+\s*)*$/.test(line.value);
    return this.after(i);
  }

  private column(i: number): number {
    return (this.leads.get(i) ?? this.lines[i]!.lead).length;
  }

  /** A dash before a key of the action above, where nothing beside it says what else is to be done. */
  private isKeyOfAbove(i: number, name: string): boolean {
    const [action, { dashes }] = [this.levels[0], this.lines[i]!];
    const kind = actionKinds.find((one) => one === action?.first);
    const column = this.column(i);
    if (!action || kind === undefined || dashes === '') return false;
    const beginning = action.column === (this.list === undefined ? column : this.list + dashes.length) && column === (this.list ?? column);
    if (!beginning && !this.isInside(i, action)) return false;
    const keys = Object.keys(keysOf(kind));
    const meant = beginning ? name : nearest(name, [...keys, ...actionKinds]);
    const next = this.lines.findIndex((line, j) => j > i && line.dashes !== '' && this.column(j) <= column);
    const beside = this.lines.slice(i + 1, next === -1 ? undefined : next);
    return meant !== undefined && keys.includes(meant) && !actionKinds.includes(meant as ActionKind) && !beside.some(({ key }) => actionKinds.includes(key as ActionKind));
  }

  /** A dash further to the right than those of actions, where no list has begun. */
  private isInside(i: number, { column, open }: Level): boolean {
    return this.levels.length === 1 && !open && this.column(i) > (this.list ?? column) && this.entryAbove(i) === undefined;
  }

  /** The column of the dash in the line above, where that is an entry without a key. */
  private entryAbove(i: number): number | undefined {
    const above = this.lines.findLastIndex(({ blank }, j) => j < i && !blank);
    return this.lines[above] && this.lines[above].dashes !== '' && this.lines[above].key === undefined ? this.column(above) : undefined;
  }

  private removeDash(i: number, name: string): void {
    const line = this.lines[i]!;
    const { column, first } = this.levels[0]!;
    const dash = line.start + line.lead.length;
    const behind = dash + line.dashes.length - (line.tight ? 1 : 0);
    const edits = this.isInside(i, this.levels[0]!)
      ? [{ at: { start: line.start, end: behind }, text: ' '.repeat(column) }, ...this.below(i).map((j) => this.lead(j, ' '.repeat(Math.max(0, this.column(j) + column - (behind - line.start)))))]
      : [{ at: { start: dash, end: behind }, text: ' '.repeat(column - this.column(i)) }, ...(line.tight && column > this.column(i) ? this.movedAlong(i) : [])];
    this.found.push({ message: `'${name}' belongs to '${first}' above it: a dash begins another action`, at: dashed(line), fix: `Put '${name}' below '${first}'`, edits });
    this.levels = this.levels.filter((level) => level.column <= column);
  }

  /** `restore: - a.png`: the entries of a list stand below their key. */
  private breakLine(i: number, name: string): void {
    const line = this.lines[i]!;
    const next = this.lines.find(({ blank }, j) => j > i && !blank);
    const column = next?.dashes !== '' && next && next.lead.length >= columnOf(line) ? next.lead.length : columnOf(line) + 2;
    const behind = wordOf(line).end + /^[^:]*:/.exec(this.text.slice(wordOf(line).end))![0].length;
    this.found.push({ message: `the list of '${name}' begins in the line below it`, at: { start: line.valueStart, end: line.valueStart + 1 }, fix: 'Begin it in a line of its own', edits: [{ at: { start: behind, end: line.valueStart }, text: `\n${' '.repeat(column)}` }] });
  }

  private spaceDash(i: number, along: readonly Edit[]): void {
    const { start, end, lead, tight } = this.lines[i]!;
    const dash = start + lead.length;
    const at = tight ? dashed(this.lines[i]!) : { start: dash, end };
    this.entries.add(i);
    this.found.push({ message: "a space is missing behind the dash: entries of a list begin with '- '", at, fix: 'Put a space behind the dash', edits: [inserted(dash + 1, ' '), ...along] });
  }

  /** The keys below a dash without its space, where they begin in the column of its key. */
  private movedAlong(i: number): readonly Edit[] {
    const numbers = this.below(i);
    const [first] = numbers;
    return first !== undefined && this.column(first) === this.column(i) + 1 ? numbers.map((j) => this.lead(j, ` ${this.leads.get(j) ?? this.lines[j]!.lead}`)) : [];
  }

  /** The lines that stand further to the right than a line, up to the next that does not. */
  private below(i: number): readonly number[] {
    const rest = this.lines.slice(i + 1);
    const next = rest.findIndex(({ blank, lead }) => !blank && lead.length <= this.column(i));
    return Array.from(next === -1 ? rest : rest.slice(0, next), (_, j) => i + 1 + j).filter((j) => !this.lines[j]!.blank);
  }

  /** `-b.png` among the entries of a list, or behind a key that takes one. A number that stands alone may be below 0. */
  private isEntry(i: number): boolean {
    const { value, lead } = this.lines[i]!;
    if (!/^-[^\s-]/.test(value)) return false;
    const [before, next] = [this.lines[i - 1], this.lines[i + 1]];
    if (!Number.isNaN(Number(value)) && ![before, next].some((line) => line?.lead === lead && `${line.dashes}${line.value}`.startsWith('-'))) return false;
    const j = this.lines.findLastIndex((line, k) => k < i && !line.blank);
    const above = this.lines[j];
    if (!above) return false;
    if (above.key !== undefined) return above.value === '' && takesList(above.key);
    return above.lead.length === lead.length && (above.dashes !== '' || this.entries.has(j));
  }

  private dash(i: number, name: string): void {
    const line = this.lines[i]!;
    const begins = actionKinds.includes(name as ActionKind) && this.levels.at(-1)?.open !== true;
    if (!this.first) this.list = this.column(i);
    else if (begins && this.list === undefined) this.makeList(i);
    else if (begins && this.column(i) !== this.list) {
      this.found.push({ message: `the dash before '${name}' belongs in the column of the first dash`, at: dashed(line), fix: `Move '- ${name}' to the column of the first dash`, edits: this.moved(i, this.list!) });
    }
    if (line.key === undefined) this.alignEntry(i);
    const column = this.column(i);
    this.first ??= { line: i, column };
    this.levels = this.levels.filter((level) => level.column <= column && column !== this.list);
    if (name !== '') this.levels.push({ column: column + line.dashes.length, first: name, open: false });
  }

  /** The dashes of a list stand in one column. */
  private alignEntry(i: number): void {
    const [column, above, top] = [this.column(i), this.entryAbove(i), this.levels.at(-1)];
    if (above === undefined || above === column || !top || column < top.column || above < top.column || column === this.list) return;
    const line = this.lines[i]!;
    this.found.push({ message: `this dash is indented ${column > above ? 'further' : 'less'} than the one above it: entries of one list begin in the same column`, at: dashed(line), fix: 'Move it to the column of the dash above', edits: [this.lead(i, ' '.repeat(above))] });
  }

  private key(i: number, name: string): void {
    const column = this.column(i);
    const action = this.levels[0];
    const kept = this.levels.filter((level) => level.column <= column);
    const [inner, above] = [this.levels[kept.length], kept.at(-1)];
    if (!action) this.levels = [{ column, first: name, open: false }];
    else if (above?.column === column) this.levels = kept;
    else if (above?.open === true && !inner) this.levels.push({ column, first: name, open: false });
    else if (column === this.list && actionKinds.includes(name as ActionKind)) this.addDash(i, name);
    else {
      const meant = above && inner ? (inner.column - column <= column - above.column ? inner : above) : above ?? action;
      const message = `'${name}' is indented ${column > meant.column ? 'further' : 'less'} than '${meant.first}' above it: keys of one action begin in the same column`;
      this.found.push({ message, at: wordOf(this.lines[i]!), fix: `Move '${name}' to the column of '${meant.first}'`, edits: this.moved(i, meant.column) });
      this.levels = this.levels.filter((level) => level.column <= meant.column);
    }
    this.first ??= { line: i, column };
  }

  /** Takes a line, and those that belong to it, to another column. */
  private moved(i: number, to: number): readonly Edit[] {
    const from = this.column(i);
    const dashes = this.lines[i]!.dashes !== '';
    const edits: Edit[] = [];
    for (let j = i; j < this.lines.length; j++) {
      const line = this.lines[j]!;
      if (line.blank) continue;
      const column = this.column(j);
      const belongs = dashes ? column >= from : column > Math.max(from, to) || (column === from && line.dashes === '');
      if (j > i && !belongs) break;
      edits.push(this.lead(j, ' '.repeat(Math.max(0, column + to - from))));
    }
    return edits;
  }

  private tab(i: number): void {
    const { start, lead, dashes } = this.lines[i]!;
    const top = this.levels.at(-1);
    const key = top?.column ?? 0;
    const column = top?.open === true ? key + 2 : dashes === '' ? key : this.entryAbove(i) ?? this.list ?? 0;
    let to = column;
    const edits: Edit[] = [];
    for (let j = i; j < this.lines.length; j++) {
      const line = this.lines[j]!;
      if (line.blank) continue;
      if (!line.lead.startsWith(lead)) break;
      if (line.lead === lead) to = dashes !== '' && line.dashes === '' && line.key !== undefined ? key : column;
      edits.push(this.lead(j, ' '.repeat(to) + line.lead.slice(lead.length).replaceAll('\t', '  ')));
    }
    this.found.push({ message: words.TAB_AS_INDENT, at: { start, end: start + lead.length }, fix: 'Indent with spaces', edits });
  }

  private lead(i: number, lead: string): Edit {
    const { start, lead: was } = this.lines[i]!;
    this.leads.set(i, lead);
    return { at: { start, end: start + was.length }, text: lead };
  }

  /** What stands above the first dash becomes the first entry. */
  private makeList(i: number): void {
    const { line: first, column } = this.first!;
    const edits = this.lines.slice(first, i).filter(({ blank }) => !blank).map(({ start, lead }, j) => (j === 0 ? inserted(start + lead.length, '- ') : inserted(start, '  ')));
    if (this.column(i) !== column) edits.push(...this.moved(i, column));
    this.found.push({ message: "several actions are a list: each begins with '- ', the first too", at: dashed(this.lines[i]!), fix: "Put '- ' before the first action", edits });
    this.list = column;
  }

  /** An action below a list becomes its next entry. */
  private addDash(i: number, name: string): void {
    const { start, lead } = this.lines[i]!;
    const edits = [inserted(start + lead.length, '- ')];
    for (let j = i + 1; j < this.lines.length; j++) {
      const line = this.lines[j]!;
      if (line.blank) continue;
      if (line.dashes !== '' && this.column(j) <= this.list!) break;
      edits.push(inserted(line.start, '  '));
      this.leads.set(j, `  ${this.leads.get(j) ?? line.lead}`);
    }
    this.found.push({ message: `a dash is missing before '${name}': each action of a list begins with '- '`, at: wordOf(this.lines[i]!), fix: `Put '- ' before '${name}'`, edits });
    this.levels = [{ column: this.list! + 2, first: name, open: false }];
  }

  private glue(line: LayoutLine, { name, between, message }: { readonly name: string; readonly between: number; readonly message: string }): void {
    const at = wordOf(line);
    const start = at.start + name.length;
    this.found.push({ message, at, fix: `Write '${name}: '`, edits: [{ at: { start, end: start + between }, text: ': ' }] });
  }

  /** @returns the line behind a line's value */
  private after(i: number): number {
    const { next, slips } = valueEnd(this.lines, i);
    this.found.push(...slips);
    return next;
  }
}

function takesList(key: string): boolean {
  return actionKinds.some((kind) => Object.hasOwn(keysOf(kind), key) && shapeOf(keysOf(kind)[key]!).element !== undefined);
}

/** A line's dashes and its key. */
function dashed(line: LayoutLine): Span {
  return { start: line.start + line.lead.length, end: wordOf(line).end };
}
