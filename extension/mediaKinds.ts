/**
 * Extensions of the files the editors are offered for; package.json names the same in its selectors and menus.
 * `.ts` is not among them: nearly every such file is TypeScript.
 */
export const pictureExtensions = ['png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff', 'avif', 'gif', 'bmp', 'heic', 'heif'] as const;
export const clipExtensions = ['mp4', 'm4v', 'mov', 'mkv', 'webm', 'avi', 'mpg', 'mpeg', 'mts', 'm2ts', 'wmv', 'flv', '3gp', 'ogv', 'mxf', 'vob', 'asf', 'f4v'] as const;

/** What the name of a file promises: a clip, or else a picture. */
export function isClip(path: string): boolean {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  return clipExtensions.some((one) => one === extension) || extension === 'ts';
}

/** Whether the name is that of a file the editors are offered for. */
export function isMedia(path: string): boolean {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  return [...pictureExtensions, ...clipExtensions].some((one) => one === extension);
}
