import type { OptionWords } from '../protocol.ts';

/** What an option means, and what the chosen one of its words does. */
export function chosenMeaning({ meaning, choices = [] }: OptionWords, chosen: string | number): string {
  const choice = choices.find(({ value }) => value === String(chosen))?.meaning;
  return choice === undefined ? meaning : `${meaning} Now: ${choice}`;
}
