/** What the kernel says to somebody at a terminal, and what it means to somebody in the editor. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/DIFFACE_FFMPEG names (.+?), which does not run; correct it or unset it/g, '$1 is no ffmpeg that runs; correct the setting difface.ffmpegPath'],
  [/DIFFACE_FFPROBE names (.+?), which does not run; correct it or unset it/g, '$1, the ffprobe that belongs to the ffmpeg of the setting difface.ffmpegPath, does not run; install it there, or choose another ffmpeg'],
  [/or set DIFFACE_(?:FFMPEG|FFPROBE) to its path/g, 'or give the path of ffmpeg in the setting difface.ffmpegPath'],
  [/, on the PATH or named by DIFFACE_FFPROBE/g, ', on the PATH or in the setting difface.ffmpegPath'],
  [/, or let DIFFACE_CACHE name another folder| or set DIFFACE_CACHE to another folder/g, ''],
  [/'difface weights' says where they are published, under which licence, and where to put them/g, 'the page on models of the documentation says where they are published, under which licence, and where to put them'],
  [/'difface weights install [^']+' installs it/g, '"DifFace: Manage Model Weights" installs it'],
  [/restore them or name another model with --model/g, 'put them back or choose another model'],
  [/, and 'difface devices' lists what can run here/g, ''],
  [/; 'difface devices' lists what can/g, '; choose another in the setting difface.device'],
  [/with --output/g, 'in the setting difface.outputFolder'],
  [/a shorter --suffix/g, 'a shorter suffix in the setting difface.outputSuffix'],
  [/another --codec or container may serve/g, 'another kind of file may serve'],
  [/; install a fuller one or choose another --codec/g, '; install a fuller one'],
  [/; run npm run build/g, '; install the extension again'],
];

/** Options as the editor calls them; those it does not have lose their dashes. */
const options: Readonly<Record<string, string>> = { start: 'Start', steps: 'Steps', eta: 'Eta', seed: 'Seed', sampler: 'Sampler', model: 'Model', strength: 'Strength', device: 'Device', mask: 'Mask', upscale: 'Size', background: 'Background' };

/** A message of the kernel in words of the editor: its settings and fields in place of variables, options and commands of a terminal. */
export function inEditorWords(message: string): string {
  const said = phrases.reduce((text, [pattern, words]) => text.replaceAll(pattern, words), message);
  return said.replaceAll(/(?<![\w-])--([a-z]+(?:-[a-z]+)*)/g, (_, name: string) => options[name] ?? name.replaceAll('-', ' '));
}

/** The same as a sentence of its own. */
export function sentence(message: string): string {
  const said = inEditorWords(message);
  return said.charAt(0).toUpperCase() + said.slice(1) + (/[.!?]$/.test(said) ? '' : '.');
}
