import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import sharp from 'sharp';
import { KernelFailure } from '../../kernel/failure.ts';
import { encodeFrames } from '../../kernel/media/encodeFrames.ts';
import { psnr } from '../../kernel/metrics/fidelity.ts';
import type { RestoreProgress } from '../../kernel/pipeline/progress.ts';
import type { ActionOutcome, Embedded } from '../../kernel/recipe/outcome.ts';
import type { RgbImage } from '../../kernel/tensor/rgbImage.ts';
import { root } from '../cli/command.ts';
import { RecipeFolder, shownAs } from './recipeRun.ts';
import { writeShortClip } from './shortClip.ts';

const quick = 'model: sample\n  sampler: ddim\n  start: 4\n  steps: 2';
const never = new AbortController().signal;

async function sizeOf({ data, mime }: Embedded): Promise<readonly [string, number, number]> {
  const { width, height, format } = await sharp(Buffer.from(data, 'base64')).metadata();
  assert.equal(mime, `image/${format}`);
  return [format, width, height];
}

/** A picture whose every pixel is a function of its place. */
function picture(width: number, height: number, at: (x: number, y: number) => number): RgbImage {
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => at(Math.floor(i / 3) % width, Math.floor(i / 3 / width))) };
}

const pattern = (x: number, y: number): number => 40 + ((x * 7 + y * 13 + ((x * y) % 31)) % 160);

describe('recipes that run', function () {
  this.timeout(60_000);
  let folder: RecipeFolder;
  before(async () => {
    folder = await RecipeFolder.open();
  });
  after(() => folder.close());

  const put = async (name: string, { width, height, data }: RgbImage): Promise<void> => {
    await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(join(folder.path, name));
  };
  const failing = (text: string, kind: KernelFailure['kind'], said: RegExp): Promise<void> => assert.rejects(folder.run(text), (error) => {
    assert.ok(error instanceof KernelFailure, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, said);
    return true;
  });

  it('refuse a file as the folder for results', async () => {
    await failing(`- restore: portrait.png\n  ${quick}\n  output: made.png`, 'usage', /made\.png looks like a file; give a folder/);
    await failing(`- restore: portrait.png\n  ${quick}\n  output: portrait.png`, 'usage', /portrait\.png is a file; give a folder/);
  });

  it('restore beside the original, and show it before and after; later actions have it by name', async () => {
    const [restored, shown] = await folder.run(`- restore: portrait.png\n  ${quick}\n  output: made\n  as: it\n- show: $it`);
    assert.deepEqual(restored!.links.map(({ path }) => path), ['made/portrait.restored.png', 'made/portrait.restored.difface']);
    assert.deepEqual(await folder.files('made'), ['portrait.restored.difface', 'portrait.restored.png']);
    assert.deepEqual(restored!.named, {
      name: 'it', path: join(folder.path, 'made', 'portrait.restored.png'),
      restored: { from: join(folder.path, 'portrait.png'), options: { model: 'sample', sampler: 'ddim', start: 4, steps: 2, output: join(folder.path, 'made') } },
    });
    const { after: result, before: original } = shownAs('picture', restored!);
    assert.deepEqual([await sizeOf(result), await sizeOf(original!)], [['webp', 640, 480], ['webp', 640, 480]]);
    assert.notEqual(result.data, original!.data);
    assert.deepEqual(shownAs('picture', shown!).before, original, 'of a restored file its original lies under the line');
    assert.deepEqual(shownAs('table', restored!).rows.map(([file, output, faces]) => [file, output, faces]), [['portrait.png', 'made/portrait.restored.png', 2]]);
    assert.deepEqual((await sizeOf(restored!.picture!)).slice(0, 2), ['png', 640]);
    assert.ok(JSON.stringify(restored).length <= 300_000);
  });

  it('restore several files into one table, and show the first of them', async () => {
    await put('empty.png', picture(64, 48, () => 90));
    const [outcome] = await folder.run('restore: [portrait.png, empty.png]\nmodel: identity\noutput: several');
    assert.deepEqual(shownAs('table', outcome!).rows.map(([file, result]) => [file, result]), [['portrait.png', 'several/portrait.restored.png'], ['empty.png', 'no face was found']]);
    assert.deepEqual(outcome!.shown.map(({ kind }) => kind), ['picture', 'table']);
    await failing('restore: [portrait.png, empty.png]\nmodel: identity\nas: both', 'usage', /'as: both' names one result, and these are 2 files/);
    await failing('restore: empty.png\nmodel: identity\nas: nobody', 'input', /empty\.png: nothing was restored that could be named 'nobody': no face was found/);
  });

  it('take a result that stands there already, made in the same way, and make another where something differs', async () => {
    const again = `restore: portrait.png\n${quick.replaceAll('  ', '')}\noutput: again\nas: it`;
    const results = async (recipe: string): Promise<string> => (await folder.run(recipe))[0]!.named!.path;
    const first = await results(again);
    const listed = await folder.files();
    const [outcome] = await folder.run(again);
    assert.equal(outcome!.named!.path, first);
    assert.deepEqual(await folder.files(), listed);
    assert.ok(outcome!.notes.some((note) => /made before/.test(note)), outcome!.notes.join('; '));
    assert.notEqual(await results(`${again}\nstrength: 0.5`), first);
    await sharp(await readFile(first)).negate().toFile(first);
    assert.notEqual(await results(again), first, 'what was changed since is no result of it');
  });

  it('name all places of a recipe that is wrong, and do nothing', async () => {
    await failing('- restore: portrait.png\n  sede: 3\n- show: $x', 'usage', /line 2, column 3: .*'sede'.*line 3, column 9: nothing before this is named 'x'/);
    await failing('', 'usage', /there is no action/);
  });

  it('say what the pipeline refuses in the words of the recipe', async () => {
    await failing('compare: portrait.png\nmodel: sample\nsampler: ddpm\neta: [0, 1]', 'usage', /'eta'.*'sampler'/);
    await failing('trajectory: portrait.png\nmodel: sample\nface: 9', 'usage', /has faces 1 to 2, and none with the number 9/);
    await failing('show: nothing.png', 'input', /nothing\.png does not exist/);
    await assert.rejects(folder.run('show: $gone', { names: [] }), /nothing before this is named 'gone'/);
  });

  it('show the states of a walk, and write them once', async () => {
    const text = `- restore: portrait.png\n  ${quick}\n  output: made\n  as: it\n- trajectory: $it\n  face: 2\n  steps: 4\n  formats: [png]\n  output: states`;
    const [, first] = await folder.run(text);
    const strip = shownAs('strip', first!);
    assert.equal(strip.steps.length, 5, 'four steps and the result');
    assert.ok(strip.steps.every(({ t }, i) => i === 0 || t <= strip.steps[i - 1]!.t));
    assert.deepEqual(await sizeOf(strip.steps[0]!.xT), ['webp', 128, 128]);
    assert.equal(strip.steps.at(-1)!.xT.data, strip.steps.at(-1)!.predX0.data, 'the end is the result');
    const { x, lines } = shownAs('plot', first!);
    assert.deepEqual([x.values.length, ...lines.map(({ values }) => values.length)], [4, 4, 4]);
    assert.ok(x.values.every((t, i) => i === 0 || t > x.values[i - 1]!));
    assert.deepEqual(first!.links.map(({ path }) => path), ['states/portrait.face-2.trajectory']);
    const [, second] = await folder.run(text);
    assert.deepEqual(second!.links, first!.links);
    assert.deepEqual(await folder.files('states'), ['portrait.face-2.trajectory']);
  });

  it('show the walk of a frame that its restoration took, with noise of its own too', async () => {
    await writeShortClip(join(folder.path, 'few.webm'), 2);
    const restoring = `restore: few.webm\n  model: sample\n  sampler: ddim\n  start: 4\n  steps: 1\n  independentNoise: true`;
    const [restored, kept, walked, shared] = await folder.run([
      `- ${restoring}\n  output: alone`, `- ${restoring}\n  output: walked\n  trajectory: true\n  as: it`,
      '- trajectory: $it\n  formats: [npz]\n  keptPrecision: float32\n  output: states', '- trajectory: $it\n  independentNoise: false\n  formats: [npz]\n  keptPrecision: float32\n  output: shared',
    ].join('\n'));
    const pixels = async (outcome: ActionOutcome): Promise<unknown> => /pixels: \w+/.exec(await readFile(join(folder.path, outcome.links.find(({ path }) => path.endsWith('.difface'))!.path), 'utf8'))?.[0];
    assert.equal(await pixels(kept!), await pixels(restored!), 'that the states are kept changes nothing');
    const states = async (path: string): Promise<Buffer> => readFile(join(folder.path, path, 'states.npz'));
    const own = await states(join(kept!.links.find(({ path }) => path.endsWith('.trajectory'))!.path, 'face-1'));
    assert.ok(own.equals(await states(walked!.links[0]!.path)));
    assert.ok(!own.equals(await states(shared!.links[0]!.path)));
  });

  it('compare in a grid; what comes to the same is walked once', async () => {
    const walks = new Set<string>();
    const seed = randomInt(2 ** 32);                                    // walks that are kept from an earlier run would not be walked
    const [outcome] = await folder.run(`compare: portrait.png\nmodel: sample\nstart: 4\nsteps: 2\nseed: ${seed}\nsampler: [ddim, dpm++]\neta: [0, 0.25, 1]\noutput: grids`, {
      onProgress: (progress) => {
        if (progress.stage === 'walking') walks.add(`${progress.walk} of ${progress.walks}`);
      },
    });
    const grid = shownAs('grid', outcome!);
    assert.deepEqual([grid.rows, grid.columns], [['ddim', 'dpm++'], ['eta 0', 'eta 0.25', 'eta 1']]);
    assert.deepEqual([...walks], ['0 of 4', '1 of 4', '2 of 4', '3 of 4']);
    assert.equal(new Set(grid.cells[1]!.map(({ data }) => data)).size, 1, 'dpm++ has no eta');
    assert.equal(new Set(grid.cells[0]!.map(({ data }) => data)).size, 3);
    assert.ok(outcome!.notes.some((note) => /eta belongs to ddim/.test(note)));
    assert.deepEqual(await folder.files('grids'), ['portrait.face-1.comparison.png']);
    assert.deepEqual((await sharp(join(folder.path, 'grids', 'portrait.face-1.comparison.png')).metadata()).width, 3 * 128 + 2 * 4);
    const [seeds] = await folder.run('compare: portrait.png\nmodel: sample\nsampler: ddim\nstart: 2\nsteps: 1\nseed: [1, 2]\neta: [0, 1]');
    assert.deepEqual([shownAs('grid', seeds!).rows, shownAs('grid', seeds!).columns], [['eta 0', 'eta 1'], ['seed 1', 'seed 2']], 'of equal lists the first is the columns');
  });

  it('refuse a grid that takes for ever, before anything is looked for', async () => {
    const list = Array.from({ length: 11 }, (_, i) => i + 1).join(', ');
    await failing(`compare: nothing.png\nseed: [${list}]\nstart: [${list}]`, 'usage', /11 x 'seed', 11 x 'start' make 121 cells, and at most 100/);
  });

  it('measure known pictures', async () => {
    const truth = picture(96, 80, pattern);
    const brighter = picture(96, 80, (x, y) => pattern(x, y) + 10);
    await put('truth.png', truth);
    await put('brighter.png', brighter);
    await put('flat.png', picture(96, 80, () => 120));
    const [outcome] = await folder.run('measure: [brighter.png, flat.png, truth.png]\nagainst: truth.png\nregion: picture');
    const { columns, rows } = shownAs('table', outcome!);
    assert.deepEqual(columns.map(({ title }) => title), ['File', 'PSNR', 'SSIM', 'Sharpness']);
    assert.deepEqual(rows.map(([file]) => file), ['brighter.png', 'flat.png', 'truth.png', 'truth.png (reference)']);
    assert.ok(Math.abs(Number(rows[0]![1]) - 20 * Math.log10(255 / 10)) < 0.006 && Math.abs(Number(rows[0]![1]) - psnr(brighter, truth)) < 0.006);
    assert.equal(rows[1]![3], 0, 'a flat picture has no detail');
    assert.deepEqual(rows[2]!.slice(1, 3), ['∞', 1]);
    assert.equal(rows[2]![3], rows[3]![3]);
    assert.ok(Math.abs(Number(rows[0]![3]) - Number(rows[2]![3])) < 0.02, 'brightness is no detail');
    await failing('measure: portrait.png\nagainst: truth.png\nregion: picture', 'usage', /portrait\.png has 800 x 600 px and the reference .*truth\.png 96 x 80 px/);
    await failing('measure: truth.png\nagainst: truth.png\nmetrics: [flicker]', 'usage', /pictures have none/);
    await failing('measure: flat.png', 'input', /flat\.png: no face was found to measure in; 'region: picture'/);
  });

  it('measure in faces, and say which, found in which file', async () => {
    await copyFile(join(root, 'samples', 'portrait.truth.png'), join(folder.path, 'portrait.truth.png'));
    const titled = async (recipe: string): Promise<readonly string[]> => {
      const [outcome] = await folder.run(recipe);
      return [shownAs('table', outcome!).title, ...outcome!.notes];
    };
    assert.deepEqual(await titled('measure: portrait.png\nagainst: portrait.truth.png'), ['Measured against portrait.truth.png, in its faces 1 and 2, crops of 256 px']);
    assert.deepEqual(await titled('measure: portrait.png\nagainst: portrait.truth.png\nregion: picture'), ['Measured against portrait.truth.png, in the whole picture']);
    assert.deepEqual(await titled('measure: portrait.png\nfaces: [2]'), ['Measured in face 2, crops of 128 px, of portrait.png']);
    assert.deepEqual(await titled('measure: [portrait.png, portrait.truth.png]\nfaces: [1]'), [
      'Measured in the faces of each file', 'portrait.png: measured in face 1, crops of 256 px', 'portrait.truth.png: measured in face 1, crops of 256 px',
    ]);
  });

  it('measure the flicker of clips frame by frame, and show clips small', async () => {
    const frames = async function* (at: (frame: number) => number): AsyncGenerator<RgbImage> {
      for (let i = 0; i < 8; i++) yield await Promise.resolve(picture(320, 256, () => at(i)));
    };
    for (const [name, at] of [['still', () => 100], ['flickers', (i: number) => (i % 2 === 0 ? 90 : 110)]] as const) await encodeFrames(join(folder.path, `${name}.webm`), frames(at), { frameRate: 8, signal: never });
    const told: RestoreProgress[] = [];
    const [measured, shown] = await folder.run('- measure: [flickers.webm, still.webm]\n  against: still.webm\n  region: picture\n  metrics: [flicker, psnr]\n- show: flickers.webm\n  beside: still.webm', {
      onProgress: (progress) => told.push(progress),
    });
    assert.deepEqual(told.filter(({ stage }) => stage === 'measuring'), ['flickers.webm', 'still.webm'].flatMap((name, file) => Array.from({ length: 15 }, (_, frame) => ({ stage: 'measuring', name, file, files: 2, frame, frames: 15 }))));
    const { rows } = shownAs('table', measured!);
    const { lines, x } = shownAs('plot', measured!);
    assert.deepEqual([lines.map(({ title }) => title), x.values.length], [['flickers.webm', 'still.webm'], 15]);
    assert.equal(lines[0]!.values[0], null, 'there is no change before the first frame');
    for (const value of lines[0]!.values.slice(1, 8)) assert.ok(Math.abs(value! - 20) < 1.5, String(value));
    assert.ok(lines[1]!.values.slice(1).every((value) => value === 0));
    assert.ok(Math.abs(Number(rows[0]![1]) - Math.sqrt((7 * 400) / 14)) < 1, 'the last frame is held');
    assert.deepEqual((await sizeOf(measured!.picture!)).slice(1), [640, 360]);
    const clip = shownAs('clip', shown!);
    assert.deepEqual([clip.after.width, clip.after.height, clip.before!.width, clip.seconds.toFixed(1)], [320, 256, 320, '1.9']);
    for (const { mime, data } of [clip.after, clip.before!]) assert.deepEqual([mime, Buffer.from(data, 'base64').readUInt32BE(0)], ['video/webm', 0x1a45dfa3]);
    await failing('show: flickers.webm\nbeside: portrait.png', 'usage', /flickers\.webm is a clip and .*portrait\.png is none/);
    await failing('show: flickers.webm\nframe: 99', 'usage', /has the frames 1 to 15, and none with the number 99/);
  });

  it('stop within a step, and leave nothing', async () => {
    const controller = new AbortController();
    let after = 0;
    const reason = new KernelFailure('cancelled', 'stopped');
    await assert.rejects(folder.run('restore: portrait.png\nmodel: sample\nsampler: ddim\nstart: 100\nsteps: 100\noutput: stopped', {
      signal: controller.signal,
      onProgress: (progress) => {
        if (progress.stage !== 'restoring' || progress.step < 2) return;
        if (controller.signal.aborted) after++;
        else controller.abort(reason);
      },
    }), reason);
    assert.ok(after <= 1, `${after} steps after it was stopped`);
    assert.ok(!(await folder.files()).includes('stopped'));
  });

  it('take a recipe for what it is wherever the process stands', async () => {
    await writeFile(join(folder.path, 'notes.txt'), 'nothing');
    await failing('show: notes.txt', 'input', /notes\.txt is no picture that can be read/);
    const [outcome] = await folder.run('show: ./portrait.png');
    assert.deepEqual(outcome!.links, [{ title: 'portrait.png', path: 'portrait.png' }]);
  });
});
