import type { MadeBy, Replayed } from '../kernel/protocol.ts';

/** What made a result, on one line. @param locale of the date; the system's where absent */
export function madeByText({ model, seed, device, date, version, changed }: MadeBy, locale?: string): string {
  const when = new Date(date);
  const day = Number.isNaN(when.getTime()) ? date : when.toLocaleDateString(locale, { year: 'numeric', month: 'short', day: 'numeric' });
  const made = `Made with ${model}${seed === null ? '' : `, seed ${seed}`}, on ${device.toUpperCase()}, ${day}, DifFace ${version}`;
  return changed === true ? `Changed since it was made. ${made}` : made;
}

/** What a replay came to, as a sentence, and what differs. */
export function replayText({ identical, faithful, differences }: Pick<Replayed, 'identical' | 'faithful' | 'differences'>, name: string): string {
  const said = differences.map(({ message }) => message).join('; ');
  const details = said === '' ? '' : `: ${said}`;
  if (!identical) return `${name} was made again and is not the same${details}.`;
  return faithful ? `${name} was made again: the same, bit for bit${said === '' ? '' : `, though ${said}`}.` : `What was made then was made again, bit for bit, but not everything is as it was${details}.`;
}
