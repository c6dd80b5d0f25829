import { actionKinds, type ActionKind } from './actions.ts';
import { listed } from './issueWords.ts';
import { columnOf, type LayoutLine } from './layoutLines.ts';
import { inserted, type LayoutSlip } from './layoutSlip.ts';
import { openBehind, quoteEnd } from './quotes.ts';

/** Brackets are closed within so many lines. */
const mostLines = 500;

/** Where a value ends that may go on for several lines. */
export interface ValueEnd {
  /** The line behind it. */
  readonly next: number;
  /** What was not closed in it. */
  readonly slips: readonly LayoutSlip[];
}

/** Follows the value of a line to its end. Where another key or action begins before what is open was closed, that was forgotten. */
export function valueEnd(lines: readonly LayoutLine[], i: number): ValueEnd {
  const line = lines[i]!;
  const { value } = line;
  if (opensBlock(value)) {
    const outer = line.key === undefined ? line.lead.length : columnOf(line);
    const behind = lines.findIndex(({ start, end, lead }, j) => j > i && end > start && lead.length <= outer);
    return { next: behind === -1 ? lines.length : behind, slips: [] };
  }
  if (/^["']/.test(value)) {
    const end = quoteEnd(value, 0);
    if (end === -1) return behindQuote(lines, i);
    return { next: i + 1, slips: end < value.length - 1 && value.endsWith(value[0]!) ? [innerQuote(line, end)] : [] };
  }
  return /^[[{]/.test(value) ? behindBrackets(lines, i) : { next: i + 1, slips: [] };
}

/** How a value that goes on in the next lines begins. */
function opensBlock(value: string): boolean {
  return /^(?:[&!]\S+\s+)*[|>][-+\d]*$/.test(value);
}

function behindQuote(lines: readonly LayoutLine[], i: number): ValueEnd {
  const line = lines[i]!;
  const outer = line.key === undefined ? line.lead.length + line.dashes.lastIndexOf('-') : columnOf(line);
  const closes = closingLine(lines, i, line.value[0]!);
  const leaves = lines.findIndex(({ blank, lead }, j) => j > i && !blank && lead.length <= outer);
  if (closes !== -1 && (leaves === -1 || leaves > closes)) return { next: closes + 1, slips: [] };
  return { next: i + 1, slips: [forgottenQuote(line, 0, (line.key === undefined ? keyEnd(line.value, 0) : undefined) ?? line.value.length)] };
}

/** The next line with the sign that closes a quoted text. */
function closingLine(lines: readonly LayoutLine[], i: number, quote: string): number {
  return lines.findIndex(({ blank, dashes, key = '', value }, j) => j > i && !blank && quoteEnd(quote + dashes + key + value, 0) !== -1);
}

function behindBrackets(lines: readonly LayoutLine[], i: number): ValueEnd {
  const first = lines[i]!;
  const slips: LayoutSlip[] = [];
  let [closing, last] = ['', first];
  for (let j = i; j < lines.length; j++) {
    const line = lines[j]!;
    if (j - i > mostLines) return { next: i + 1, slips };
    if (j > i && line.blank) continue;
    if (j > i && beginsOther(line, first)) return { next: j, slips: [...slips, forgottenBracket(first, closing, last)] };
    let [from, open] = [0, openBehind(line.value, closing)];
    while (open.quote !== undefined) {
      const quote = from + open.quote;
      const end = (open.closing.endsWith('}') && /[{,]\s*$/.test(line.value.slice(0, quote)) ? keyEnd(line.value, quote) : undefined) ?? textEnd(line.value, quote);
      const behind = openBehind(line.value.slice(end), open.closing);
      const closes = closingLine(lines, j, line.value[quote]!);
      if (behind.closing !== '' && !/[,\]}]$/.test(line.value) && closes !== -1) {
        [from, open, j] = [0, openBehind(line.value[quote]! + lines[closes]!.value, open.closing), closes];   // the text goes on there
        break;
      }
      slips.push(forgottenQuote(line, quote, end));
      [from, open] = [end, behind];
    }
    closing = open.closing;
    if (open.wrong) {
      slips.push(wrongBracket(lines[j]!, closing.at(-1)!));
      closing = closing.slice(0, -1);
    }
    if (closing === '') return { next: j + 1, slips };
    last = lines[j]!;
  }
  return { next: lines.length, slips: [...slips, forgottenBracket(first, closing, last)] };
}

/** Whether a line stands beside the one in which brackets opened. */
function beginsOther(line: LayoutLine, first: LayoutLine): boolean {
  const whole = !/[,\]}]$/.test(line.value) || closesItself(line.value);
  const beside = line.dashes === '' && line.key !== undefined && first.key !== undefined && columnOf(line) <= columnOf(first) && whole;
  return beside || (line.dashes !== '' && actionKinds.includes(line.key as ActionKind));
}

/** `[1, {a: 2}]`: as many brackets and braces as it opens it closes. */
function closesItself(value: string): boolean {
  return /^[[{]/.test(value) && value.replace(/[^[{]/g, '').length === value.replace(/[^\]}]/g, '').length;
}

/** `"seed: 3`: where the name of a key ends whose quote is not closed. */
function keyEnd(value: string, quote: number): number | undefined {
  const name = /^\p{L}+(?=:(?:\s|$))/u.exec(value.slice(quote + 1))?.[0];
  return name === undefined ? undefined : quote + 1 + name.length;
}

/** Where a text between brackets ends whose quote is not closed. */
function textEnd(value: string, quote: number): number {
  const text = value.slice(quote + 1);
  const first = /^[^,[\]{}]*/.exec(text)![0].trimEnd();
  return quote + 1 + (/\s#/.test(text.slice(first.length)) ? text.replace(/[\]}]+$/, '') : first).length;   // nothing becomes a comment
}

/** @param quote index of it in the line's value; @param end index behind its text */
function forgottenQuote({ value, valueStart }: LayoutLine, quote: number, end: number): LayoutSlip {
  const [sign, last] = [value[quote]!, end > quote + 1 ? value[end - 1] : ''];
  const told = (why: string, fix: string, from: number, text: string): LayoutSlip => ({
    message: `this quote is not closed${why}`, at: { start: valueStart + quote, end: valueStart + quote + 1 }, fix, edits: [{ at: { start: valueStart + from, end: valueStart + end }, text }],
  });
  const inside = value.slice(quote + 1, end - 1);
  if (sign === '"' && inside.endsWith('\\') && last === sign && !inside.includes("'")) return told(": behind a backslash '\"' is a part of the text", 'Put it between single quotes', quote, `'${inside}'`);
  if (last === '"' || last === "'") return told(`: it begins with ${sign} and ends with ${last}`, `Close it with ${sign}`, end - 1, sign);
  return told('', `Close it with ${sign}`, end, sign);
}

/** `'it's.png'`. @param inner index of the quote that ends the text too early */
function innerQuote({ value, valueStart }: LayoutLine, inner: number): LayoutSlip {
  const [sign, inside] = [value[0]!, value.slice(1, -1)];
  const at = { start: valueStart + inner, end: valueStart + inner + 1 };
  const once = inside.slice(1, -1);
  if (inner === 1 && inside.endsWith(sign) && !/["'\\]/.test(once)) return { message: `${sign} stands twice here: one quote begins a text`, at, fix: 'Write it once', edits: [{ at: { start: valueStart, end: valueStart + value.length }, text: inside }] };
  const others = sign === "'" && !/["\\]/.test(inside);
  const text = others ? `"${inside}"` : sign === "'" ? `'${inside.replaceAll("'", "''")}'` : `"${inside.replaceAll(/(\\.)|"/g, (_, escaped?: string) => escaped ?? '\\"')}"`;
  return {
    message: `this ${sign} ends the text that began with ${sign}, and more of it follows`, at, fix: others ? 'Put it between double quotes' : 'Make it a part of the text',
    edits: [{ at: { start: valueStart, end: valueStart + value.length }, text }],
  };
}

/** `[1, 2}`. @param closing what is meant */
function wrongBracket({ valueStart, value }: LayoutLine, closing: string): LayoutSlip {
  const at = { start: valueStart + value.length - 1, end: valueStart + value.length };
  return { message: `'${value.at(-1)!}' does not close a '${closing === ']' ? '[' : '{'}': '${closing}' is meant`, at, fix: `Change it to '${closing}'`, edits: [{ at, text: closing }] };
}

function forgottenBracket({ valueStart, value }: LayoutLine, open: string, last: LayoutLine): LayoutSlip {
  const closing = Array.from(open).reverse();
  const message = `this ${value.startsWith('[') ? 'bracket' : 'brace'} is not closed: ${listed(closing.map((sign) => `'${sign}'`), 'and')} ${closing.length === 1 ? 'is' : 'are'} missing`;
  return { message, at: { start: valueStart, end: valueStart + 1 }, fix: `Close it with '${closing.join('')}'`, edits: [inserted(last.valueStart + last.value.length, closing.join(''))] };
}
