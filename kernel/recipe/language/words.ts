import type { z } from 'zod';
import type { ActionKind } from '../actions.ts';
import { actionMeanings } from '../actions.ts';
import { expectedOf } from '../valueShape.ts';
import { wordsOf } from '../words.ts';

/** What is said about a key, in Markdown. */
export function keyWords(name: string, schema: z.ZodType): string {
  const words = wordsOf(schema);
  const expected = expectedOf(schema);
  const facts = [
    ...(expected === '' ? [] : [`Takes ${expected}.`]), ...(words?.unit === undefined ? [] : [`Unit: ${words.unit}.`]),
    ...(words?.otherwise === undefined ? [] : [`Where it is left out: ${words.otherwise}.`]), ...(words?.source === undefined ? [] : [`Source: ${words.source}.`]),
  ];
  const choices = Object.entries(words?.choices ?? {}).map(([choice, meaning]) => `- \`${choice}\`: ${meaning}`);
  return [`**${words?.title ?? name}** \`${name}\``, ...(words ? [words.meaning] : []), ...(choices.length > 0 ? [choices.join('\n')] : []), ...(facts.length > 0 ? [facts.join('  \n')] : [])].join('\n\n');
}

export function actionWords(kind: ActionKind): string {
  return `**${kind}**\n\n${actionMeanings[kind]}`;
}

/** What one of the words of a key means. */
export function choiceWords(schema: z.ZodType | undefined, choice: string): string | undefined {
  const choices = (schema && wordsOf(schema))?.choices;
  return choices && Object.hasOwn(choices, choice) ? choices[choice] : undefined;
}

/** "3.4 MB" */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** For text that a person or a file system chose and that is shown as Markdown. */
export function literally(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$-]/g, '\\$&').replaceAll('\n', ' ');
}
