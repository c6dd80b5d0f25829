import { resolved } from '../../recipe/language/paths.ts';
import type { KnownModel, KnownNetwork, Surroundings } from '../../recipe/language/surroundings.ts';
import { nearest } from '../../recipe/nearest.ts';
import type { ParsedAction } from '../../recipe/parsed.ts';
import type { Diagnosis } from '../../recipe/problem.ts';
import { error, texts, type Text } from './diagnosis.ts';

/** Whether the model and the networks beside it that an action names are there. */
export async function weightProblems({ keys }: ParsedAction, around: Surroundings): Promise<readonly Diagnosis[]> {
  return (await Promise.all([
    ...texts(keys, 'model').map((model) => modelProblem(model, around)),
    ...texts(keys, 'detector').map((detector) => networkProblem(detector, 'the detector', around.detectors())),
    ...[...texts(keys, 'mask'), ...texts(keys, 'background')].map((helper) => networkProblem(helper, `'${helper.value}'`, around.helpers())),
  ])).flat();
}

/**
 * The model that a value means, whether its weights are there or not.
 * @param name undefined: the one that is taken where none is named
 * @returns undefined for what is none
 */
export async function modelNamed(name: string | undefined, around: Surroundings): Promise<KnownModel | 'identity' | undefined> {
  if (name === 'identity') return name;
  const models = await around.models();
  if (name === undefined) return models.find(({ name: other, installed }) => other === 'difface' && installed) ?? models.find(({ name: other }) => other === 'sample');
  const known = models.find(({ name: other }) => other === name);
  const folder = known ? undefined : resolved(name, around);
  const found = known ?? (folder === undefined ? undefined : await around.modelIn(folder));
  return typeof found === 'string' ? undefined : found;
}

async function modelProblem({ value, at }: Text, around: Surroundings): Promise<readonly Diagnosis[]> {
  if (value === 'identity') return [];
  const models = await around.models();
  const known = models.find(({ name }) => name === value);
  if (known?.installed === true) return [];
  if (known) return [error('weights', `the weights of the model '${value}' are not installed`, at, { install: value })];
  const path = resolved(value, around);
  if (path === undefined) return [];
  if ((await around.entry(path))?.kind === 'folder') {
    const found = await around.modelIn(path);
    return typeof found === 'string' ? [error('weights', found, at)] : [];
  }
  const names = [...models.map(({ name }) => name), 'identity'];
  const near = nearest(value, names);
  return [error('weights', `there is no model '${value}': ${names.join(', ')} and folders with a model.json are known`, at, { fixes: near === undefined ? [] : [{ title: `Change '${value}' to '${near}'`, at, text: near }] })];
}

async function networkProblem({ value, at }: Text, whose: string, known: Promise<readonly KnownNetwork[]>): Promise<readonly Diagnosis[]> {
  const network = (await known).find(({ name }) => name === value);
  if (network?.installed !== false) return [];
  return [error('weights', `the weights of ${network.title} are not installed; without them ${whose} cannot be used`, at, network.weights === undefined ? {} : { install: network.weights })];
}
