import { readFile } from 'node:fs/promises';
import { KernelFailure, unreadable } from '../failure.ts';

/** The text of a recipe, without a byte order mark. Throws a `KernelFailure` where it cannot be read or is UTF-16, which some editors and shells of Windows write. */
export async function recipeText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (isUtf16(bytes)) throw new KernelFailure('usage', `${path} is UTF-16, and recipes are UTF-8: save it as UTF-8 (in VS Code: Save with Encoding)`);
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** It begins with a byte order mark, or with a letter of ASCII in two bytes. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || (bytes.length > 1 && (first === 0) !== (second === 0));
}
