import type { Surroundings } from '../../recipe/language/surroundings.ts';
import type { ParsedAction, ParsedRecipe } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { deviceProblems } from './devices.ts';
import { after, beforeAll } from './expectedResults.ts';
import { fileProblems } from './files.ts';
import { nameProblems } from './names.ts';
import { optionProblems } from './options.ts';
import { outputProblems } from './outputFolder.ts';
import { weightProblems } from './weights.ts';

/**
 * What is wrong with a document by itself, and with what it names and asks for: files, folders, weights, devices, options that a model refuses. Nothing is computed for it. What is
 * an error here, a run refuses.
 * @param chosen numbers of the actions that run, in their order, counted from 0; all where absent
 */
export async function checkRecipe(recipe: ParsedRecipe, around: Surroundings, chosen?: readonly number[]): Promise<readonly Diagnosis[]> {
  const { problems, meant } = recipe;
  const { actions, yaml } = meant?.recipe ?? recipe;                      // it does not run, and nobody chose among what is meant
  const flow = (yaml.contents as { readonly flow?: boolean } | null)?.flow === true;
  const running = meant || !chosen ? actions : chosen.map((index) => actions[index]!);
  const found: Promise<readonly (readonly Diagnosis[])[]>[] = [];
  const { folder = '/' } = around;
  let before = beforeAll(around);
  for (const action of running) {
    found.push(Promise.all([
      fileProblems(action, before, flow, around), nameProblems(action, before.names, around), outputProblems(action, around), weightProblems(action, around), deviceProblems(action, around), optionProblems(action, before, around),
    ]));
    before = after(before, action.action, folder);
  }
  const told = withoutEchoes((await Promise.all(found)).flat(2), running);
  return [...problems, ...(meant ? told.map((one) => meant.back(one)) : told)].sort((a, b) => a.at.start - b.at.start);
}

/** What an action takes over from the one whose result it uses is told where it stands, and there alone. */
function withoutEchoes(told: readonly Diagnosis[], actions: readonly ParsedAction[]): readonly Diagnosis[] {
  const heads = new Set(actions.flatMap(({ kind, keys }) => keys.filter(({ name }) => name === kind).map(({ at }) => at.start)));
  return told.filter(({ code, message, at }) => code !== 'value' || !heads.has(at.start) || !told.some((other) => other.message === message && !heads.has(other.at.start)));
}
