import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { checkRecipe } from '../../kernel/pipeline/recipeChecks/checkRecipe.ts';
import type { EarlierName, Surroundings } from '../../kernel/recipe/language/surroundings.ts';
import { parseRecipe } from '../../kernel/recipe/parse.ts';
import { usualPaths, world } from './memory.ts';

const here: Surroundings = {
  ...world([...usualPaths, '/w/shut/a.png']),
  devices: async () => [...await world().devices(), { name: 'coreml', usable: false, reason: 'its trial failed' }],
};

async function told(text: string): Promise<readonly (readonly [string, string, string, string])[]> {
  return (await checkRecipe(parseRecipe(text), here)).map(({ severity, code, message, at }) => [severity, code, text.slice(at.start, at.end), message]);
}

describe('what a recipe names is looked for', () => {
  it('a missing file, with the nearest that is there', async () => {
    const text = 'restore: photos/a_b.jpg';
    const [found] = await checkRecipe(parseRecipe(text), world());
    assert.match(found!.message, /does not exist; 'photos\/a b\.jpg' is meant/);
    assert.deepEqual(found!.fixes.map((fix) => text.slice(0, fix.at.start) + fix.text + text.slice(fix.at.end)), ['restore: photos/a b.jpg']);
  });

  const cases: readonly (readonly [string, readonly (readonly [string, string, string, RegExp])[]])[] = [
    ['restore: [portrait.png, photos]\n', []],
    ['restore: notes.txt\n', [['warning', 'file', 'notes.txt', /neither a picture nor a clip/]]],
    ['restore: photos/*.jpg\n', [['error', 'file', 'photos/*.jpg', /does not exist; patterns are not known here: name the files, or their folder$/]]],
    ['show: photos\n', [['error', 'file', 'photos', /is a folder/]]],
    ['- restore: portrait.png\n- show: portrait.restored.png\n', []],
    ['show: portrait.restored.png\n', [['error', 'file', 'portrait.restored.png', /does not exist/]]],
    ['restore: portrait.png\nmodel: difface\n', [['error', 'weights', 'difface', /not installed/]]],
    ['restore: portrait.png\nmodel: sampel\n', [['error', 'weights', 'sampel', /no model 'sampel'/]]],
    ['restore: portrait.png\nmodel: models/own\n', []],
    ['restore: portrait.png\nmodel: identity\n', []],
    ['restore: portrait.png\ndetector: yolov5n\nmask: parsing\n', [['error', 'weights', 'yolov5n', /YOLOv5-face, nano/], ['error', 'weights', 'parsing', /ParseNet/]]],
    ['restore: portrait.png\ndevice: cuda\n', [['error', 'device', 'cuda', /no card/]]],
    ['restore: portrait.png\ndevice: webgpu\n', []],
    ['restore: portrait.png\ndevice: coreml\n', [['warning', 'device', 'coreml', /its trial failed/]]],
    ['restore: portrait.png\ndevice: cuda:3\n', [['error', 'device', 'cuda:3', /no cuda:3 here: cpu, cuda, webgpu, coreml are known/]]],
    ['restore: portrait.png\nmodel: photos\n', [['error', 'weights', 'photos', /photos holds no model/]]],
    ['restore: portrait.png\noutput: notes.txt/made\n', [['error', 'file', 'notes.txt/made', /notes\.txt is a file/]]],
    ['restore: portrait.png\noutput: made/results\n', []],
    ['restore: portrait.png\noutput: shut/results\n', [['error', 'file', 'shut/results', /into shut\/results: .*shut does not allow it/]]],
    ['restore: shut/a.png\n', [['error', 'file', 'shut/a.png', /beside shut\/a\.png.*'output'/]]],
    ['restore: shut/a.png\noutput: made\n', []],
    ['- restore: portrait.png\n  output: made\n- measure: made/portrait.restored.png\n', []],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), async () => {
      const found = await told(text);
      assert.equal(found.length, expected.length, JSON.stringify(found));
      for (const [i, [severity, code, place, message]] of expected.entries()) {
        assert.deepEqual(found[i]!.slice(0, 3), [severity, code, place]);
        assert.match(found[i]![3], message);
      }
    });
  }

  it('where lines are laid out wrongly, in what they mean', async () => {
    const messages = async (text: string): Promise<readonly string[]> => (await told(text)).map(([, , place, message]) => `${place}: ${message}`);
    assert.deepEqual(await messages("- restore: 'portrait.png\n  seed: 3\n- show: portrait.restored.png\n"), ["': this quote is not closed"]);
    assert.deepEqual(await messages("restore: 'nowhere.png\nmodel: sample\n"), ["': this quote is not closed", "'nowhere.png: nowhere.png does not exist"]);
    assert.deepEqual((await told('-restore: portrait.png\n start: 900\n-show: portrait.restored.png\n-show: gone.png\n')).map(([, code, place]) => [code, place]), [
      ['yaml', '-restore'], ['value', 'start'], ['yaml', '-show'], ['yaml', '-show'], ['file', 'gone.png'],
    ]);
  });

  const around = world([...usualPaths, '/w/old.bmp', '/w/taken.png', '/w/taken.restored.png', '/w/photos/deep/c.mp4', '/w/photos/deep/c.restored.mp4']);
  const made: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['- restore: portrait.png', ['portrait.restored.png'], ['xyz.restored.png', 'portrait.restored-2.png', 'portrait.restored.jpg', 'portrait.other.png', 'portrait.restored.png.trajectory/face-1/strip.png', 'portrait.png.npz', 'photos']],
    ['- restore: [portrait.png, clip.mp4, old.bmp]\n  suffix: it-2\n  codec: vp9', ['portrait.it-2.png', 'clip.it-2.mp4', 'old.it-2.png'], ['clip.it-2.mkv', 'old.it-2.bmp', 'clip.it.mp4']],
    ['- restore: portrait.png\n  output: made/here', ['made/here/portrait.restored.png'], ['portrait.restored.png', 'made/portrait.restored.png', 'made/here/portrait.png']],
    ['- restore: taken.png', ['taken.restored-2.png'], ['taken.restored-3.png']],
    ['- restore: portrait.png\n- restore: portrait.png\n  seed: 1\n- restore: portrait.png\n  as: again', ['portrait.restored.png', 'portrait.restored-2.png'], ['portrait.restored-3.png']],
    ['- restore: photos\n  output: made', ['made/a b.restored.jpg', 'made/deep/c.restored.mp4'], ['made/.hidden.restored.png', 'made/deep/c.restored.restored.mp4', 'made/c.restored.mp4', 'photos/a b.restored.jpg']],
    ['- restore: photos', ['photos/a b.restored.jpg', 'photos/deep/c.restored-2.mp4'], ['a b.restored.jpg']],
    ['- restore: portrait.png\n  suffix: mine\n  output: made\n- restore: made\n  output: more', ['more/portrait.mine.restored.png'], ['more/portrait.restored.png']],
    ['- restore: portrait.png\n  as: it\n- restore: $it', ['portrait.restored.restored.png'], ['it.restored.png']],
    ['- restore: portrait.png\n  trajectory: true\n  faces: [2]', ['portrait.restored.png.trajectory/face-2/strip.png'], ['portrait.restored.png.trajectory/face-1/strip.png', 'portrait.restored.png.trajectory/face-2/walk.gif']],
    ['- trajectory: portrait.png\n  formats: [png, webm]', ['portrait.face-1.trajectory/strip.png', 'portrait.face-1.trajectory/walk.webm'], ['portrait.face-1.trajectory/walk.gif', 'portrait.face-2.trajectory/strip.png', 'portrait.face-1.trajectory']],
    ['- trajectory: clip.mp4\n  formats: [gif]\n  output: made', ['made/clip.face-1.frame-12.trajectory/walk.gif'], ['made/clip.face-1.trajectory/walk.gif']],
    ['- trajectory: clip.mp4\n  formats: [gif]\n  frame: 3', ['clip.face-1.frame-3.trajectory/walk.gif'], ['clip.face-1.frame-4.trajectory/walk.gif']],
    ['- compare: portrait.png\n  seed: [1, 2]\n  output: made', ['made/portrait.face-1.comparison.png'], ['portrait.face-1.comparison.png', 'made/comparison.png']],
    ['- compare: portrait.png\n  seed: [1, 2]', [], ['portrait.face-1.comparison.png']],
  ];
  for (const [text, there, gone] of made) {
    it(`what is made is there: ${JSON.stringify(text)}`, async () => {
      for (const [files, problems] of [[there, []], [gone, ['file']]] as const) {
        for (const file of files) assert.deepEqual((await checkRecipe(parseRecipe(`${text}\n- show: ${file}\n`), around)).map(({ code }) => code), problems, file);
      }
    });
  }

  it('folders that are made are there for what restores folders', async () => {
    const codes = async (text: string): Promise<readonly string[]> => (await checkRecipe(parseRecipe(text), around)).map(({ code }) => code);
    assert.deepEqual(await codes('- restore: photos\n  output: made/here\n- restore: [made, made/here, made/here/deep]\n'), []);
    assert.deepEqual(await codes('- restore: photos\n  output: made/here\n- restore: [mad, made/here/none]\n'), ['file', 'file']);
  });

  it('a file that cannot be read is told, whatever its name', async () => {
    const read = { ...around, media: (path: string) => Promise.resolve(path.endsWith('.txt') ? 'it is no picture' : path.endsWith('.bmp') ? 'it is damaged' : { kind: 'picture' as const, format: 'gif', width: 8, height: 8 }) };
    const told = async (text: string): Promise<readonly string[]> => (await checkRecipe(parseRecipe(text), read)).map(({ severity, message, at }) => `${severity}: ${text.slice(at.start, at.end)}: ${message}`);
    assert.deepEqual(await told('- restore: portrait.png\n- measure: notes.txt\n- restore: [portrait.png, old.bmp]\n'), ['error: notes.txt: it is no picture', 'error: old.bmp: it is damaged']);
    assert.deepEqual(await told('- restore: photos/a b.jpg\n- show: photos/a b.restored.png\n'), [], 'it is a GIF by another name');
  });

  it('what is installed against a warning', async () => {
    const found = await checkRecipe(parseRecipe('restore: portrait.png\ndetector: yolov5n\nmodel: difface\n'), world());
    assert.deepEqual(found.map(({ install }) => install), ['yolov5n-face', 'difface']);
  });
});

describe('what a run would refuse of options is told where it stands', () => {
  const cases: readonly (readonly [string, readonly (readonly [string, RegExp])[]])[] = [
    ['restore: portrait.png\nmodel: sample\nstart: 900\n', [['start', /the start step must be 1 to 249/]]],
    ['restore: portrait.png\nmodel: sample\nsteps: 60\nstart: 50\n', [['steps', /ddim has 50 steps below the start 50; 60 cannot be taken/]]],
    ['restore: portrait.png\nmodel: sample\nsampler: ddpm\nsteps: 5\n', [['steps', /'start' 40.*instead of 'steps' 5/]]],
    ['restore: portrait.png\nmodel: identity\nblend: {seeds: 3, above: 0.1}\n', [['blend', /need a walk/]]],
    ['restore: portrait.png\ncodec: h263\n', [['codec', /'h263' is not known/]]],
    ['restore: clip.mp4\ncodec: ffv1\n', [['codec', /^\/w\/clip\.mp4: a \.mp4 file cannot hold ffv1; h264, hevc, .* it can$/]]],
    ['- restore: clip.mp4\n  as: it\n- restore: [portrait.png, $it]\n  codec: prores\n', [['codec', /clip\.restored\.mp4: a \.mp4 file cannot hold prores/]]],
    ['restore: [portrait.png, clip.mp4]\ncodec: x265\n', []],
    ['restore: portrait.png\ncodec: h264\n', [['codec', /^\/w\/portrait\.png is a picture: 'codec' is for clips; leave it away$/]]],
    ['restore: [portrait.png, photos/a b.jpg]\ncodec: h264\n', [['codec', /^these 2 files are pictures: 'codec' is for clips/]]],
    ['restore: photos\ncodec: ffv1\n', []],
    ['restore: [portrait.png, photos/a b.jpg]\nas: both\n', [['as', /names one result, and these are 2 files/]]],
    ['restore: photos\nas: one\n', []],
    ['restore: portrait.png\nmodel: models/own\nstart: 900\n', [['start', /must be 1 to 249/]]],
    ['trajectory: portrait.png\nframe: 3\nstart: 900\n', [['frame', /is a picture: it has no frame 3/], ['start', /must be 1 to/]]],
    ['trajectory: portrait.png\nmodel: identity\n', [['model', /no walk to look into/]]],
    ['trajectory: portrait.png\naligned: true\nface: 2\n', [['face', /one aligned face: there is no face 2; leave 'face' or 'aligned' out/]]],
    ['trajectory: clip.mp4\naligned: true\n', [['aligned', /clip\.mp4 is a clip/]]],
    ['trajectory: portrait.png\nsampler: ddpm\neta: 0.5\n', [['eta', /only the sampler ddim has it/]]],
    ['compare: portrait.png\nmodel: sample\nstart: [20, 400, 900]\n', [['start', /must be 1 to 249.*not 400/]]],
    ['compare: portrait.png\nsampler: [ddim, dpm++]\neta: [0, 1]\n', []],
    [`compare: portrait.png\nseed: [${[...Array(11).keys()].join(', ')}]\nstart: [${[...Array(11).keys()].map((i) => i + 1).join(', ')}]\n`, [['seed', /make 121 cells/]]],
    ['measure: portrait.png\nagainst: clip.mp4\n', [['against', /clip\.mp4 is a clip.*portrait\.png is none/]]],
    ['measure: portrait.png\nagainst: portrait.png\nmetrics: [flicker]\n', [['metrics', /pictures have none/]]],
    ['show: clip.mp4\nbeside: portrait.png\n', [['beside', /cannot lie under one line/]]],
    ['show: portrait.png\nframe: 2\n', [['frame', /has no frame 2/]]],
    ['- restore: portrait.png\n  model: identity\n  as: it\n- trajectory: $it\n', [['trajectory', /\$it was restored without a walk/]]],
    ['- restore: portrait.png\n  model: sample\n  steps: 20\n  as: it\n- trajectory: $it\n  start: 5\n', [['trajectory', /ddim has 5 steps below the start 5; 20 cannot be taken/]]],
    ['- restore: portrait.png\n  start: 900\n  as: it\n- trajectory: $it\n- compare: $it\n  seed: [1, 2]\n', [['start', /must be 1 to 249/]]],
    ['- restore: portrait.png\n  as: it\n- show: $it\n  frame: 2\n', [['frame', /portrait\.restored\.png is a picture/]]],
    ['- trajectory: portrait.png\n  formats: [png]\n  as: states\n- show: $states\n', [['$states', /is a folder of states/]]],
    ['- trajectory: portrait.png\n  as: states\n- compare: $states\n  seed: [1, 2]\n', []],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), async () => {
      const found = await told(text);
      assert.deepEqual(found.map(([, , place]) => place), expected.map(([place]) => place), JSON.stringify(found));
      for (const [i, [, message]] of expected.entries()) assert.match(found[i]![3], message);
      assert.ok(found.every(([severity]) => severity === 'error'));
    });
  }

  describe('sizes of what is compared', () => {
    const sizes: Readonly<Record<string, readonly [number, number]>> = { 'portrait.png': [800, 600], 'small.png': [400, 300], 'large.png': [1600, 1200], 'truth.png': [1366, 1024], 'clip.mp4': [64, 48], 'long.mp4': [64, 48] };
    const sized: Surroundings = {
      ...world(Object.keys(sizes).map((name) => `/w/${name}`)),
      media: (path) => {
        const [width, height] = sizes[path.slice(3)] ?? [];
        return Promise.resolve(width === undefined || height === undefined ? undefined : { kind: path.endsWith('mp4') ? 'clip' as const : 'picture' as const, format: 'x', width, height });
      },
    };
    const restored = '- restore: portrait.png\n  as: it\n';
    const unlike: readonly (readonly [string, RegExp | undefined])[] = [
      ['measure: portrait.png\nagainst: small.png\n', /^\/w\/portrait\.png has 800 x 600 px and the reference \/w\/small\.png 400 x 300 px: only files of one size are compared$/],
      ['measure: [portrait.png, small.png]\nagainst: portrait.png\n', /^\/w\/small\.png has 400 x 300 px/],
      ['measure: portrait.png\nagainst: portrait.png\n', undefined],
      [`${restored}- measure: $it\n  against: small.png\n`, /portrait\.restored\.png has 800 x 600 px/],
      [`${restored}  upscale: 2\n- measure: $it\n  against: portrait.png\n`, /portrait\.restored\.png has 1600 x 1200 px/],
      [`${restored}  upscale: 2\n- measure: portrait.restored.png\n  against: portrait.png\n`, /portrait\.restored\.png has 1600 x 1200 px/],
      [`${restored}  upscale: 2\n- measure: large.png\n  against: $it\n`, undefined],
      [`${restored}  upscale: 2\n- restore: $it\n  as: again\n- measure: $again\n  against: large.png\n`, undefined],
      ['- restore: small.png\n  upscale: 2\n  as: x\n- measure: $x\n  against: truth.png\n', undefined],
      ['- restore: small.png\n  upscale: 2\n  as: x\n- measure: $x\n  against: portrait.png\n', /small\.restored\.png has 1366 x 1024 px/],
      ['- restore: small.png\n  as: x\n- measure: $x\n  against: small.png\n', undefined],
      ['- restore: clip.mp4\n  upscale: 2\n  as: x\n- measure: $x\n  against: long.mp4\n', /clip\.restored\.mp4 has 128 x 96 px/],
      ['- trajectory: portrait.png\n  as: walk\n- measure: $walk\n  against: small.png\n', /^\/w\/portrait\.png has 800 x 600 px/],
      ['- compare: portrait.png\n  seed: [1, 2]\n  output: made\n  as: grid\n- measure: $grid\n  against: small.png\n', undefined],
      ['measure: clip.mp4\nagainst: long.mp4\n', undefined],
    ];
    for (const [text, message] of unlike) {
      it(JSON.stringify(text), async () => {
        const found = await checkRecipe(parseRecipe(text), sized);
        assert.deepEqual(found.map(({ at }) => text.slice(at.start, at.end)), message ? ['against'] : [], JSON.stringify(found));
        if (message) assert.match(found[0]!.message, message);
      });
    }

    it('and how many frames clips have, where they are counted', async () => {
      const counting = { ...sized, frames: (path: string) => Promise.resolve(path.endsWith('long.mp4') ? 9 : 4) };
      assert.match((await checkRecipe(parseRecipe('- restore: clip.mp4\n  as: it\n- measure: $it\n  against: long.mp4\n'), counting))[0]!.message, /clip\.restored\.mp4 has 4 frames and the reference \/w\/long\.mp4 9/);
    });
  });

  it('a name for what a folder holds, where that is several files', async () => {
    const told = async (paths: readonly string[], text: string): Promise<readonly string[]> => (await checkRecipe(parseRecipe(text), world(paths))).map(({ at, message }) => `${text.slice(at.start, at.end)}: ${message}`);
    const one = ['/w/photos/a.png', '/w/photos/.b.png', '/w/photos/a.restored.png', '/w/photos/x.trajectory/c.png', '/w/photos/notes.txt'];
    assert.deepEqual(await told(one, 'restore: photos\nas: it\n'), []);
    assert.deepEqual(await told(one, 'restore: [photos, photos/a.png]\nas: it\n'), []);
    assert.match((await told([...one, '/w/photos/deep/c.mp4'], '- restore: photos\n  as: it\n')).join(), /^as: 'as: it' names one result, and these are 2 files/);
    assert.match((await told([...one, '/w/b.png'], 'restore: [photos, b.png]\nas: it\n')).join(), /^as: .*2 files/);
    assert.deepEqual(await told(Array.from({ length: 60 }, (_, i) => `/w/photos/${i}/a.png`), 'restore: photos\nas: it\n'), [], 'larger trees are not looked through');
  });

  it('of results of earlier documents too, made or not', async () => {
    const text = 'trajectory: $it\n';
    const told = async (name: Partial<EarlierName>): Promise<readonly string[]> => (await checkRecipe(parseRecipe(text, ['it']), world(undefined, [{ name: 'it', kind: 'restore', about: 'x', ...name }]))).map(({ message }) => message);
    const result = (from: string, model: string): Partial<EarlierName> => ({ result: { name: 'it', path: '/w/portrait.png', restored: { from, options: { model } } } });
    assert.deepEqual(await told(result('/w/portrait.png', 'sample')), []);
    assert.match((await told(result('/w/gone.png', 'sample')))[0]!, /\$it was made of \/w\/gone\.png, which is not there any more/);
    assert.match((await told(result('/w/portrait.png', 'identity')))[0]!, /restored without a walk/);
    assert.match((await told({ action: { kind: 'restore', value: { restore: 'portrait.png', as: 'it', model: 'identity' } } }))[0]!, /restored without a walk/);
  });

  it('of the actions that run alone', async () => {
    const text = '- restore: portrait.png\n  start: 900\n  as: it\n- show: gone.png\n- show: $it\n';
    const places = async (chosen: readonly number[]): Promise<readonly string[]> => (await checkRecipe(parseRecipe(text), world(), chosen)).map(({ at }) => text.slice(at.start, at.end));
    assert.deepEqual(await places([0, 1, 2]), ['start', 'gone.png']);
    assert.deepEqual(await places([0, 2]), ['start']);
    assert.deepEqual(await places([1]), ['gone.png']);
  });

  it('by a trial of the device, where one may be run', async () => {
    const asked: string[] = [];
    const around = { ...here, trial: (device: string, precision: string) => Promise.resolve(asked.push(`${device} ${precision}`) === 1 ? 'it computes other numbers' : undefined) };
    const found = await checkRecipe(parseRecipe('- restore: portrait.png\n  device: coreml\n  precision: float16\n- restore: portrait.png\n  device: webgpu\n- restore: portrait.png\n'), around);
    assert.deepEqual(found.map(({ message, severity }) => [severity, message]), [['error', 'it computes other numbers']]);
    assert.deepEqual(asked, ['coreml float16', 'webgpu auto']);
  });
});
