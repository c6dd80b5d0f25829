import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { KernelFailure, OptionFailure, reworded } from '../failure.ts';
import { chooseDevice } from '../inference/executionProviders.ts';
import { EnginePool } from '../pipeline/enginePool.ts';
import { aroundRun } from '../pipeline/recipeChecks/aroundRun.ts';
import { placeOf } from '../pipeline/recipeChecks/diagnosis.ts';
import { plannedRun, type PlannedRun } from '../pipeline/recipeChecks/plannedRun.ts';
import { runAction } from '../pipeline/runAction.ts';
import { actionLines, type Lines } from '../recipe/actionLines.ts';
import type { ActionOutcome, NamedResult } from '../recipe/outcome.ts';
import { parseRecipe } from '../recipe/parse.ts';
import type { ParsedAction, ParsedRecipe } from '../recipe/parsed.ts';
import { lineAndColumn, type LineAndColumn } from '../recipe/summary.ts';
import { addDeviceOptions, deviceFallback, type DeviceFlags } from './deviceOptions.ts';
import { interruptSignal } from './interrupt.ts';
import { wholeNumber } from './numbers.ts';
import { outcomeWords } from './outcomeWords.ts';
import { progressLine } from './progressLine.ts';
import { recipeText } from './recipeText.ts';
import { trimStores } from './trimStores.ts';
import { oneLine, visible } from './visible.ts';

interface RunFlags extends DeviceFlags {
  readonly action?: number;
  readonly line?: number;
  readonly json?: true;
}

/** Longer names leave no room on a line of a terminal. */
const longestName = 60;

/** `difface run <recipe>` */
export function addRunCommand(program: Command): void {
  addDeviceOptions(program.command('run'))
    .description('runs the actions of a recipe: restore, trajectory, compare, measure, show (docs/recipes.md has all keys)')
    .argument('<recipe>', 'a file such as portrait.difface; its paths are relative to its folder')
    .addOption(new Option('--action <number>', 'this action alone, counted from 1, after those whose results it uses').argParser(wholeNumber(1, 1e6)).conflicts('line'))
    .addOption(new Option('--line <number>', 'the action at this line alone, likewise').argParser(wholeNumber(1, 1e9)))
    .option('--json', 'print what the actions show as JSON on standard output')
    .action(async (path: string, flags: RunFlags) => {
      process.exitCode = await run(path, flags);
    });
}

async function run(path: string, flags: RunFlags): Promise<number> {
  const recipe = parseRecipe(await recipeText(path));
  if (recipe.actions.length === 0 && recipe.problems.length === 0) throw new KernelFailure('usage', `${path}: there is no action in it; a recipe says what is to be done, such as 'restore: portrait.png'`);
  const index = recipe.problems.length > 0 ? undefined : indexOf(recipe, path, flags);
  const planned = await plannedRun(recipe, aroundRun(dirname(resolve(path)), []), index);
  for (const { message, ...at } of planned.warnings) process.stderr.write(visible(oneLine(`${placeIn(path, at)}: warning: ${message}`)) + '\n');
  for (const { message, ...at } of planned.problems) process.stderr.write(visible(oneLine(`${placeIn(path, at)}: ${message}`)) + '\n');
  if (planned.problems.length > 0) return 2;
  if (planned.chosen.some(({ action }) => usesDevice(recipe.actions[action]!))) await refuseDevice(flags);
  const outcomes = await runActions(path, recipe, planned, flags);
  return outcomes.some(({ failed = 0 }) => failed > 0) ? 1 : 0;
}

/** What the actions do not choose is chosen here, and told to be of no use before the first of them computes. */
async function refuseDevice({ device }: RunFlags): Promise<void> {
  if (device !== 'auto') await chooseDevice(device);
}

function usesDevice({ action }: ParsedAction): boolean {
  return action !== undefined && action.kind !== 'measure' && action.kind !== 'show' && action.value.device === undefined;
}

async function runActions(path: string, recipe: ParsedRecipe, { actions, chosen }: PlannedRun, { device, deviceFallback: fallback, threads, json }: RunFlags): Promise<readonly ActionOutcome[]> {
  const folder = dirname(resolve(path));
  const interrupt = interruptSignal();
  const engines = new EnginePool({ ...(threads === undefined ? {} : { threads }), onDeviceFailure: deviceFallback(fallback) });
  const outcomes: ActionOutcome[] = [];
  const names: NamedResult[] = [];
  try {
    for (const { action: index } of chosen) {
      const { kind, about, ...at } = actions[index]!;
      const line = progressLine(`${kind}: ${shortened(about.replace(/\s+/g, ' '))}`);
      try {
        const outcome = await runAction(recipe, index, { folder, names, engines, device, signal: interrupt.signal, onProgress: (progress) => { line.show(progress); } });
        line.stop();
        outcomes.push(outcome);
        if (outcome.named) names.push(outcome.named);
        if (json !== true) process.stdout.write(outcomeWords(outcome, folder) + '\n');
      } catch (error) {
        if (!(error instanceof KernelFailure)) throw error;
        const place = error instanceof OptionFailure ? lineAndColumn(recipe, placeOf(recipe.actions[index]!, error.option).start) : at;
        throw reworded(error, `${placeIn(path, place)}: ${error.message}`);
      } finally {
        line.stop();
      }
    }
    if (json === true) printJson(outcomes);
    return outcomes;
  } catch (error) {
    interrupt.signal.throwIfAborted();                                  // whatever came of it: it was interrupted
    if (json === true) printJson(outcomes, error);
    throw error;
  } finally {
    interrupt.dispose();
    engines.dispose();
    await trimStores();
  }
}

/** The action that is asked for, counted from 0; undefined for all. */
function indexOf(recipe: ParsedRecipe, path: string, { action, line }: RunFlags): number | undefined {
  const count = recipe.actions.length;
  if (action !== undefined && action > count) throw new KernelFailure('usage', `${path} has ${count === 1 ? '1 action' : `the actions 1 to ${count}`}, and none with the number ${action}`);
  if (line !== undefined) return indexAt(recipe, path, line);
  return action === undefined ? undefined : action - 1;
}

/** @param line counted from 1 */
function indexAt(recipe: ParsedRecipe, path: string, line: number): number {
  const actions = actionLines(recipe);
  const [index, ...others] = [...actions.keys()].filter((i) => actions[i]!.first <= line && line <= actions[i]!.last);
  if (others.length > 0) throw new KernelFailure('usage', `at line ${line} of ${path} stand the actions ${[index, ...others].map((i) => i! + 1).join(', ')}: say which with --action`);
  if (index !== undefined) return index;
  const away = ({ first, last }: Lines): number => Math.max(first - line, line - last);
  const { first, last } = actions.reduce((near, one) => (away(one) < away(near) ? one : near));
  const [lines, count] = [recipe.text.trimEnd().split('\n').length, actions.length];
  throw new KernelFailure('usage', `${path} has ${lines === 1 ? '1 line' : `${lines} lines`} and ${count === 1 ? '1 action' : `${count} actions`}, and no action stands at line ${line}: ${count === 1 ? 'it' : 'the nearest'} stands at ${first === last ? `line ${first}` : `lines ${first} to ${last}`}`);
}

/** A list of many files leaves room beside it for what is done. */
function shortened(about: string): string {
  return about.length > longestName ? `${about.slice(0, longestName - 1)}…` : about;
}

/** As compilers say it, so that editors and terminals lead there. */
function placeIn(path: string, { line, column }: LineAndColumn): string {
  return `${path}:${line + 1}:${column + 1}`;
}

function printJson(outcomes: readonly ActionOutcome[], error?: unknown): void {
  const failure = error instanceof KernelFailure ? { failure: { kind: error.kind, message: error.message } } : {};
  process.stdout.write(JSON.stringify({ outcomes, ...failure }, null, 2) + '\n');
}
