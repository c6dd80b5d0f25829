import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { assertClear, difface, filesBelow, inFolder, root } from './command.ts';

const portrait = join(root, 'samples', 'portrait.png');
const clip = join(root, 'samples', 'clip.mp4');

describe('wrong usage of the command line', () => {
  const cases: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['an unknown sampler', ['--sampler', 'euler'], /ddim, ddpm, dpm\+\+/],
    ['a start beyond the chain', ['--start', '250'], /1 to 249/],
    ['more DDIM steps than there are', ['--sampler', 'ddim', '--start', '10', '--steps', '20'], /10 steps below the start/],
    ['eta for a sampler that has none', ['--sampler', 'ddpm', '--eta', '0.5'], /--eta: only the sampler ddim has it, and --sampler ddpm/],
    ['eta out of range', ['--sampler', 'ddim', '--eta', '1.5'], /from 0 to 1/],
    ['a seed that is no number', ['--seed', 'lucky'], /whole number/],
    ['an empty folder for results', ['--output', ''], /option 'output'/],
    ['a name for the result in place of a folder', ['--output', 'portrait-2.png'], /--output names a folder, and portrait-2\.png looks like a file; give a folder/],
    ['a file in place of a folder for results', ['--output', portrait], /portrait\.png is a file; give a folder/],
    ['a face that is not pasted, and how', ['--aligned', '--mask', 'oval', '--background', 'plain', '--upscale', '2'], /--mask, --background and --upscale: an --aligned face/],
    ['a suffix with a slash', ['--suffix', 'a/b'], /option 'suffix'/],
    ['states of a walk that the identity does not take', ['--model', 'identity', '--trajectory'], /--trajectory: --model identity restores nothing/],
    ['a sampler after the backbone alone', ['--backbone-only', '--sampler', 'ddim', '--start', '4'], /--sampler and --start: there is no walk after --backbone-only/],
    ['a face that is not there', ['--model', 'identity', '--faces', '5'], /portrait\.png has faces 1 to 2, and none with the number 5/],
    ['a device that nobody knows', ['--device', 'gpu'], /no device 'gpu'; auto, cuda/],
    ['the second of a device of which there is one', ['--device', 'cpu:1'], /of cpu there is one only.*cuda:1/],
    ['a precision that nobody knows', ['--precision', 'int8'], /auto, float32, float16/],
    ['an answer that is none', ['--device-fallback', 'maybe'], /never, ask, always/],
    ['faces that are no numbers', ['--faces', 'left'], /'all', 'largest' or numbers/],
  ];
  for (const [name, flags, message] of cases) {
    it(name, async () => {
      const { code, stdout, stderr } = await difface(['restore', portrait, ...flags]);
      assert.equal(code, 2);
      assertClear(stderr.replace(/^error: /, ''), message);
      assert.equal(stdout, '');
    });
  }

  it('an unknown model names the known ones', async () => {
    const { code, stderr } = await difface(['restore', portrait, '--model', 'nothing']);
    assert.equal(code, 1);
    assertClear(stderr, "'sample'", "'difface'");
  });

  it('an unknown codec', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['restore', clip, '--model', 'identity', '--codec', 'wmv9', '--output', folder]);
    assert.equal(code, 2);
    assertClear(stderr, "'wmv9'", 'h264');
    assert.deepEqual(await filesBelow(folder), []);
  }));

  it('the official model without its weights names the command that helps', () => inFolder(async (folder) => {
    const { code, stderr } = await difface(['restore', portrait, '--model', 'difface'], { env: { DIFFACE_WEIGHTS: folder } });
    assert.equal(code, 1);
    assertClear(stderr, 'swinir_restoration512_L1.pth', 'iddpm_ffhq512_ema500000.pth', 'difface weights');
  }));
});
