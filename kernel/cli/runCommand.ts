import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { KernelFailure, messageOf } from '../failure.ts';
import { EnginePool } from '../pipeline/enginePool.ts';
import { runAction } from '../pipeline/runAction.ts';
import { nameReferences } from '../recipe/names.ts';
import type { ActionOutcome, NamedResult } from '../recipe/outcome.ts';
import { parseRecipe } from '../recipe/parse.ts';
import type { ParsedRecipe } from '../recipe/parsed.ts';
import { summaryOf, type RecipeSummary } from '../recipe/summary.ts';
import { addDeviceOptions, deviceFallback, type DeviceFlags } from './deviceOptions.ts';
import { interruptSignal } from './interrupt.ts';
import { wholeNumber } from './numbers.ts';
import { progressLine } from './progressLine.ts';
import { trimStores } from './trimStores.ts';
import { visible } from './visible.ts';

interface RunFlags extends DeviceFlags {
  readonly action?: number;
  readonly line?: number;
  readonly json?: true;
}

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
  const text = (await readFile(path, 'utf8').catch((error: unknown) => {
    throw new KernelFailure('input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  })).replace(/^\uFEFF/, '');
  const recipe = parseRecipe(text);
  const summary = summaryOf(recipe);
  if (summary.problems.length > 0) {
    for (const { line, column, message } of summary.problems) process.stderr.write(visible(`${path}:${line + 1}:${column + 1}: ${message}`) + '\n');
    return 2;
  }
  const chosen = chosenActions(recipe, summary, path, flags);
  if (chosen.length === 0) process.stderr.write(visible(`${path}: there is no action in it`) + '\n');
  const outcomes = await runActions(path, recipe, summary, chosen, flags);
  return outcomes.some(({ failed = 0 }) => failed > 0) ? 1 : 0;
}

async function runActions(path: string, recipe: ParsedRecipe, { actions }: RecipeSummary, chosen: readonly number[], { device, deviceFallback: fallback, threads, json }: RunFlags): Promise<readonly ActionOutcome[]> {
  const folder = dirname(resolve(path));
  const interrupt = interruptSignal();
  const engines = new EnginePool({ ...(threads === undefined ? {} : { threads }), onDeviceFailure: deviceFallback(fallback) });
  const outcomes: ActionOutcome[] = [];
  const names: NamedResult[] = [];
  try {
    for (const index of chosen) {
      const { kind, about, line: at } = actions[index]!;
      const line = progressLine(`${kind}: ${about.replace(/\s+/g, ' ')}`);
      try {
        const outcome = await runAction(recipe, index, { folder, names, engines, device, signal: interrupt.signal, onProgress: (progress) => { line.show(progress); } });
        line.stop();
        outcomes.push(outcome);
        if (outcome.named) names.push(outcome.named);
        if (json !== true) process.stdout.write(visible(inWords(outcome, folder)) + '\n');
      } catch (error) {
        throw error instanceof KernelFailure ? new KernelFailure(error.kind, `${path}:${at + 1}: ${error.message}`, { cause: error }) : error;
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

/** All, or one after those whose results it uses. */
function chosenActions(recipe: ParsedRecipe, { actions }: RecipeSummary, path: string, { action, line }: RunFlags): readonly number[] {
  if (action === undefined && line === undefined) return [...actions.keys()];
  const index = action === undefined ? actions.findLastIndex((one) => one.line < line!) : action - 1;
  if (!actions[index]) throw new KernelFailure('usage', action === undefined ? `${path} has no action at line ${line!}` : `${path} has ${actions.length === 1 ? '1 action' : `the actions 1 to ${actions.length}`}, and none with the number ${action}`);
  const needed = new Set([index]);
  for (const one of needed) {                                           // grows while it is walked
    for (const { name } of nameReferences(recipe.actions[one]!.keys)) {
      const maker = actions.findLastIndex((other, i) => i < one && other.as === name);
      if (maker >= 0) needed.add(maker);
    }
  }
  return [...needed].sort((a, b) => a - b);
}

/** What a person at a terminal reads: everything that is shown, in words, then where the files lie. */
function inWords({ shown, links, notes }: ActionOutcome, folder: string): string {
  return [...shown.map(({ text }) => text), ...links.map(({ path }) => `  ${resolve(folder, path)}`), ...notes.map((note) => `  ${note}`), ''].join('\n');
}

function printJson(outcomes: readonly ActionOutcome[], error?: unknown): void {
  const failure = error instanceof KernelFailure ? { failure: { kind: error.kind, message: error.message } } : {};
  process.stdout.write(JSON.stringify({ outcomes, ...failure }, null, 2) + '\n');
}
