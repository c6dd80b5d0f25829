import { basename } from 'node:path';
import { isScalar } from 'yaml';
import { fileValues, nameIn } from '../names.ts';
import { nearest } from '../nearest.ts';
import type { ParsedAction, ParsedKey, ParsedRecipe } from '../parsed.ts';
import type { Problem, Span } from '../problem.ts';
import { defaultSuffix } from '../restoreOptions.ts';
import { parentOf, resolved, split } from './paths.ts';
import { quoted } from './quoting.ts';
import type { KnownNetwork, Surroundings } from './surroundings.ts';

/** A problem, and what can be installed against it. */
export interface Diagnosis extends Problem {
  /** Weights, by names that "Install Weights" takes. */
  readonly install?: string;
}

/** What is wrong with a document by itself, and with what it names: files, weights, devices. */
export async function diagnose({ problems, actions, yaml }: ParsedRecipe, around: Surroundings): Promise<readonly Diagnosis[]> {
  const suffixes = new Set([defaultSuffix, ...actions.flatMap(({ keys }) => texts(keys, 'suffix').map(({ value }) => value))]);
  const flow = (yaml.contents as { readonly flow?: boolean } | null)?.flow === true;
  const outside = await Promise.all(actions.flatMap((action, i) => [
    ...(action.kind === undefined ? [] : fileValues(action.keys).filter(({ value }) => value !== '' && nameIn(value) === undefined).map(({ value, at }) => fileProblem(value, at, action, makes(actions.slice(0, i), around, suffixes, value), flow, around))),
    ...texts(action.keys, 'model').map((model) => modelProblem(model, around)),
    ...texts(action.keys, 'detector').map((detector) => networkProblem(detector, 'the detector', around.detectors())),
    ...[...texts(action.keys, 'mask'), ...texts(action.keys, 'background')].map((helper) => networkProblem(helper, 'it', around.helpers())),
    ...texts(action.keys, 'device').map((device) => deviceProblem(device, around)),
  ]));
  return [...problems, ...outside.flat()].sort((a, b) => a.at.start - b.at.start);
}

interface Text {
  readonly value: string;
  readonly at: Span;
}

function texts(keys: readonly ParsedKey[], name: string): readonly Text[] {
  return keys.flatMap(({ name: other, node, value }) => (other === name && isScalar(node) && typeof node.value === 'string' && node.value !== '' ? [{ value: node.value, at: value }] : []));
}

/** A file may be what an earlier action is going to make. */
function makes(earlier: readonly ParsedAction[], { names }: Surroundings, suffixes: ReadonlySet<string>, path: string): boolean {
  const name = basename(path);
  return (earlier.length > 0 || names.length > 0) && (/\.(trajectory|npz)\b/.test(name) || [...suffixes].some((suffix) => name.includes(`.${suffix}`)));
}

async function fileProblem(path: string, at: Span, { kind, keys }: ParsedAction, made: boolean, flow: boolean, around: Surroundings): Promise<readonly Diagnosis[]> {
  const absolute = resolved(path, around);
  if (absolute === undefined) return [];
  const entry = await around.entry(absolute);
  if (!entry) {
    if (made) return [];
    const [folder, name] = split(path);
    const near = nearest(name, (await around.files(parentOf(absolute))).filter(({ kind: other }) => other !== 'other').map((one) => one.name));
    const meant = near === undefined ? undefined : folder + near;
    return [error('file', `${path} does not exist${meant === undefined ? '' : `; '${meant}' is meant perhaps`}`, at, meant === undefined ? [] : [{ title: `Change '${path}' to '${meant}'`, at, text: quoted(meant, flow) }])];
  }
  const about = keys.some(({ name, value }) => name === 'restore' && value.start <= at.start && at.end <= value.end);
  if (entry.kind === 'folder' && !(kind === 'restore' && about)) return [error('file', `${path} is a folder; a picture or a clip is expected`, at)];
  return entry.kind === 'other' ? [error('file', `${path} is neither a picture nor a clip, by its name; it cannot be restored`, at)] : [];
}

async function modelProblem({ value, at }: Text, around: Surroundings): Promise<readonly Diagnosis[]> {
  if (value === 'identity') return [];
  const models = await around.models();
  const known = models.find(({ name }) => name === value);
  if (known?.installed === true) return [];
  if (known) return [warning('weights', `the weights of the model '${value}' are not installed`, at, value)];
  const path = resolved(value, around);
  if (path === undefined || (await around.entry(path))?.kind === 'folder') return [];
  const near = nearest(value, [...models.map(({ name }) => name), 'identity']);
  return [error('weights', `there is no model '${value}': ${[...models.map(({ name }) => name), 'identity'].join(', ')} and folders with a model.json are known`, at, near === undefined ? [] : [{ title: `Change '${value}' to '${near}'`, at, text: near }])];
}

async function networkProblem({ value, at }: Text, whose: string, known: Promise<readonly KnownNetwork[]>): Promise<readonly Diagnosis[]> {
  const network = (await known).find(({ name }) => name === value);
  return network?.installed === false ? [warning('weights', `the weights of ${network.title} are not installed; without them ${whose === 'it' ? `'${value}'` : whose} cannot be used`, at, network.weights)] : [];
}

async function deviceProblem({ value, at }: Text, around: Surroundings): Promise<readonly Diagnosis[]> {
  const device = (await around.devices()).find(({ name }) => name === value);
  return device?.usable === false ? [warning('device', `${value} cannot be used here: ${device.reason}`, at)] : [];
}

function error(code: Problem['code'], message: string, at: Span, fixes: Problem['fixes'] = []): Diagnosis {
  return { severity: 'error', code, message, at, fixes };
}

function warning(code: Problem['code'], message: string, at: Span, install?: string): Diagnosis {
  return { severity: 'warning', code, message, at, fixes: [], ...(install === undefined ? {} : { install }) };
}
