/** What the kernel says to somebody at a terminal, and what it means to somebody in the editor. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/DIFFACE_FFMPEG names (.+?), which does not run; correct it or unset it/g, '$1 is no ffmpeg that runs; correct the setting difface.ffmpegPath'],
  [/DIFFACE_FFPROBE names (.+?), which does not run; correct it or unset it/g, '$1, the ffprobe that belongs to the ffmpeg of the setting difface.ffmpegPath, does not run; install it there, or choose another ffmpeg'],
  [/or set DIFFACE_(?:FFMPEG|FFPROBE) to its path/g, 'or give the path of ffmpeg in the setting difface.ffmpegPath'],
  [/, on the PATH or named by DIFFACE_FFPROBE/g, ', on the PATH or in the setting difface.ffmpegPath'],
  [/, or let DIFFACE_CACHE name another folder|(?:,? or|;) set DIFFACE_CACHE to another folder/g, ''],
  [/'difface weights install [\w-]+' installs them, and --detector builtin needs none/g, 'install them with DifFace: Manage Model Weights, or choose another detector'],
  [/; 'difface weights install [^']+' installs (?:them|it)/g, '; DifFace: Manage Model Weights installs them'],
  [/; 'difface weights install [^']+' repairs (?:them|it)/g, '; installing it again repairs it'],
  [/(?:, or|;) let DIFFACE_WEIGHTS name another folder(?: than \S+)?/g, ''],
  [/, and if its terms suit you, give --accept-licence/g, ''],
  [/; --faces \d+ restores (it|the first) all the same/g, '; chosen in the DifFace editor, $1 is restored all the same'],
  [/restore them or name another model with --model/g, 'put them back or choose another model'],
  [/, and 'difface devices' lists what can run here/g, ''],
  [/; 'difface devices' lists what can/g, '; choose another in the setting difface.device.use'],
  [/; 'difface devices' says why/g, ''],
  // in Markdown the hyphen is escaped
  [/'difface devices install\\?-cuda' fetches them/g, 'the command "Install CUDA Libraries" fetches them'],
  [/ or let DIFFACE_NUGET name a feed that can be reached/g, ''],
  [/--output names a folder/g, 'the setting difface.outputFolder names a folder'],
  [/the option 'suffix' is out of range/g, 'the setting difface.outputSuffix is out of range'],
  [/, with --suffix in it/g, ''],
  [/with --output/g, 'in the setting difface.outputFolder'],
  [/a shorter --suffix/g, 'a shorter suffix in the setting difface.outputSuffix'],
  [/another --codec or container may serve/g, 'another kind of file may serve'],
  [/; install a fuller one or choose another --codec/g, '; install a fuller one'],
  [/; it proves the pipeline and is not for photographs\. 'difface weights' says how to install the official weights/g, ', not photographs. Manage Model Weights installs the official ones'],
  [/; run npm run build/g, '; install the extension again'],
];

/** Options as the editor calls them; those it does not have lose their dashes. */
const options: Readonly<Record<string, string>> = { start: 'Start', steps: 'Steps', eta: 'Eta', seed: 'Seed', sampler: 'Sampler', model: 'Model', strength: 'Strength', device: 'Device', detector: 'Detector', mask: 'Mask', upscale: 'Size', background: 'Background' };

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
