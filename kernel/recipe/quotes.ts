/**
 * Where a text between quotes ends, as YAML reads it: behind a backslash a double quote is a part of the text, and so is a single quote that stands twice.
 * @param from index of the opening quote
 * @returns index of the closing one; -1 where it is not there
 */
export function quoteEnd(text: string, from: number): number {
  const quote = text[from];
  for (let i = from + 1; i < text.length; i++) {
    if ((quote === '"' && text[i] === '\\') || (quote === "'" && text.startsWith("''", i))) i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}

/** Whether a quote at a place of a value begins a text; others stand in a word. */
function opensText(value: string, i: number): boolean {
  return (value[i] === '"' || value[i] === "'") && /[\s[{,:]/.test(value[i - 1] ?? ' ');
}

export function withoutComment(value: string): string {
  let open = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '#' && /\s/.test(value[i - 1] ?? ' ') && !(open && inName(value, i))) return value.slice(0, i).trim();
    if (opensText(value, i)) {
      const end = quoteEnd(value, i);
      open ||= end === -1;
      i = Math.max(i, end);
    }
  }
  return value.trim();
}

/** Whether a '#' behind a quote that is not closed is rather a part of the text than the beginning of a comment: `'a #1.png`. */
function inName(value: string, i: number): boolean {
  const named = /\.[A-Za-z0-9]{2,5}["'\]}]{0,4}\s*$/;
  const endsNamed = (end: number): boolean => named.test(value.slice(Math.max(0, end - 20), end));   // lines may be long, and have many signs
  return !/^#(\s|$)/.test(value.slice(i, i + 2)) || (!endsNamed(i) && endsNamed(value.length));
}

/** What is open behind a piece of a value. */
export interface OpenEnd {
  /** What closes its brackets and braces, from the outermost on: `]}`. */
  readonly closing: string;
  /** Index of a quote that does not close in the piece; the brackets are those before it. */
  readonly quote?: number;
  /** The piece ends with a sign that closes something else than what is open. */
  readonly wrong?: true;
}

/** @param closing what closes the brackets that are open before the piece */
export function openBehind(piece: string, closing = ''): OpenEnd {
  let left = closing;
  for (let i = 0; i < piece.length; i++) {
    const sign = piece[i]!;
    if (opensText(piece, i)) {
      const end = quoteEnd(piece, i);
      const another = /^[^\s,\]}:]/.test(piece.slice(end + 1)) && piece.slice(i, end).includes(',');   // the quote of the next entry
      if (end === -1 || another) return { closing: left, quote: i };
      i = end;
    } else if (sign === '[') left += ']';
    else if (sign === '{') left += '}';
    else if (left.endsWith(sign)) left = left.slice(0, -1);
    else if (/[\]}]/.test(sign) && left !== '' && !left.includes(sign) && i === piece.length - 1) return { closing: left, wrong: true };
    if (left === '') break;
  }
  return { closing: left };
}
