import { stringify } from 'yaml';

export type Quote = '"' | "'";

/** A text as YAML writes it: as it is where that reads back as the same text. @param flow between brackets, where commas and brackets part values */
export function quoted(text: string, flow: boolean): string {
  if (flow && /[,[\]{}]/.test(text)) return JSON.stringify(text);
  return stringify(text, { lineWidth: 0, blockQuote: false }).trimEnd();
}

/** The same between quotes that are there already. */
export function inside(text: string, quote: Quote): string {
  return quote === "'" ? text.replaceAll("'", "''") : JSON.stringify(text).slice(1, -1);
}
