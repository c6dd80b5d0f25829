import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sumOf } from '../weights/examine.ts';
import { writeSmallFile } from '../weights/smallFile.ts';
import { stampOf } from '../weights/stamp.ts';

/** SHA-256 of each file of a converted model. */
export interface ConvertedSums {
  readonly 'model.onnx': string;
  readonly 'weights.bin': string;
}

const names = ['model.onnx', 'weights.bin'] as const;
const fileSchema = z.object({ sha256: z.string(), stamp: z.string() });
const recordSchema = z.object({
  /** SHA-256 of the checkpoint it was made from. */
  checkpoint: z.string(),
  files: z.object({ 'model.onnx': fileSchema, 'weights.bin': fileSchema }),
});
type ConvertedRecord = z.infer<typeof recordSchema>;

function recordPath(folder: string): string {
  return join(folder, 'complete.json');
}

/** What is known of a converted model; undefined where it is not whole, or of a version that kept no sums. */
export async function readConverted(folder: string): Promise<ConvertedRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordPath(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Remembers what the files of a converted model are, when all of them are written. */
export async function recordConverted(folder: string, checkpoint: string, sums: ConvertedSums): Promise<void> {
  await writeSynced(recordPath(folder), JSON.stringify(await recordOf(folder, checkpoint, sums)));
}

/**
 * Whether the files of a converted model are what was written. Read again only where size or time of change differ from those remembered.
 * @param thoroughly all of it is read in any case
 */
export async function isIntact(folder: string, thoroughly = false): Promise<boolean> {
  const record = await readConverted(folder);
  if (!record) return false;
  try {
    let touched = false;
    for (const name of names) {
      const [path, { sha256, stamp }] = [join(folder, name), record.files[name]];
      const same = stampOf(await stat(path)) === stamp;
      if ((thoroughly || !same) && (await sumOf(path, [])).sha256 !== sha256) return false;
      touched ||= !same;
    }
    if (touched) await remember(folder, record);
    return true;
  } catch {
    return false;                                                       // it is not there, or cannot be read
  }
}

/** Writes a file whose name, or that of its folder, is to mean that it is whole: after a power cut, too. */
export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function recordOf(folder: string, checkpoint: string, sums: ConvertedSums): Promise<ConvertedRecord> {
  const entry = async (name: keyof ConvertedSums): Promise<z.infer<typeof fileSchema>> => ({ sha256: sums[name], stamp: stampOf(await stat(join(folder, name))) });
  return { checkpoint, files: { 'model.onnx': await entry('model.onnx'), 'weights.bin': await entry('weights.bin') } };
}

/** Where the cache cannot be written, the files are read again the next time. */
async function remember(folder: string, { checkpoint, files }: ConvertedRecord): Promise<void> {
  const record = await recordOf(folder, checkpoint, { 'model.onnx': files['model.onnx'].sha256, 'weights.bin': files['weights.bin'].sha256 });
  await writeSmallFile(recordPath(folder), JSON.stringify(record)).catch(() => undefined);
}
