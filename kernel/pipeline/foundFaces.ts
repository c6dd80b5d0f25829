import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Face } from '../faces/face.ts';
import type { Track } from '../faces/tracker.ts';
import { replaceFile } from '../media/atomicFile.ts';
import { cacheFolder } from '../packageFolder.ts';
import type { DetectorName } from '../weights/detectorNames.ts';
import { fileIdentity, nameOf } from './fileIdentity.ts';
import { detectorIdentity } from './plan.ts';

/** Raised whenever the detector or the tracker would find something else. */
const version = 2;

const point = z.object({ x: z.number(), y: z.number() });
const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const landmarks = z.tuple([point, point, point, point, point]);
const faceSchema = z.array(z.object({ box, score: z.number(), landmarks }));
const trackSchema = z.array(z.object({ id: z.number().int().min(0), first: z.number().int().min(0), landmarks: z.array(landmarks).min(1), bridged: z.array(z.tuple([z.number().int(), z.number().int()])), box }));

/** The faces of a picture: found once, then kept for as long as the file and the detector stay what they are. */
export function facesOnce(path: string, detector: DetectorName, find: () => Promise<readonly Face[]>): Promise<readonly Face[]> {
  return once(['faces', path, detector], faceSchema, find);
}

/** The tracks of a clip: likewise. */
export function tracksOnce(path: string, detector: DetectorName, find: () => Promise<readonly Track[]>): Promise<readonly Track[]> {
  return once(['tracks', path, detector], trackSchema as unknown as z.ZodType<readonly Track[]>, find);
}

/** What is known of a clip's tracks without looking for them. */
export function knownTracks(path: string, detector: DetectorName): Promise<readonly Track[] | undefined> {
  return read(['tracks', path, detector], trackSchema as unknown as z.ZodType<readonly Track[]>);
}

/** What was looked for, in which file, and by what. */
type Search = readonly [kind: 'faces' | 'tracks', path: string, detector: DetectorName];

async function once<T>(search: Search, schema: z.ZodType<T>, find: () => Promise<T>): Promise<T> {
  const known = await read(search, schema);
  if (known !== undefined) return known;
  const file = await fileFor(search);
  const found = await find();
  try {
    await mkdir(join(cacheFolder(), 'faces'), { recursive: true });
    await replaceFile(file, JSON.stringify(found));
  } catch {
    // a cache that cannot be written costs time, nothing else
  }
  return found;
}

async function read<T>(search: Search, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(await fileFor(search), 'utf8')));
  } catch {
    return undefined;                                                   // not there, cut off, or of another version
  }
}

async function fileFor([kind, path, detector]: Search): Promise<string> {
  return join(cacheFolder(), 'faces', `${nameOf([version, kind, await fileIdentity(path), await detectorIdentity(detector)])}.json`);
}
