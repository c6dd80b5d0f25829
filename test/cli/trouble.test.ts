import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { findProgram } from '../../kernel/media/ffmpeg.ts';
import { assertClear, difface, filesBelow, inFolder, root } from './command.ts';

const portrait = join(root, 'samples', 'portrait.png');
const clip = join(root, 'samples', 'clip.mp4');

/** A small file system of its own; undefined where this user may not mount one. */
function mounted(folder: string, options: string): { unmount(): void } | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return {
      unmount: () => {
        execFileSync('umount', ['-l', folder]);
      },
    };
  } catch {
    return undefined;
  }
}

/** Processes whose parent is `pid`, all generations. */
async function descendants(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
    const parent = /\) \S (\d+)/.exec(status)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found: number[] = [];
  for (const [child] of parents) {
    for (let at: number | undefined = child; at !== undefined && at > 1; at = parents.get(at)) if (parents.get(at) === pid) found.push(child);
  }
  return found;
}

async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
}

describe('trouble while restoring', () => {
  it('a folder that may not be written to', async function () {
    await inFolder(async (folder) => {
      const closed = join(folder, 'closed');
      await mkdir(closed);
      const mount = mounted(closed, 'ro');
      if (!mount && process.getuid?.() === 0) return this.skip();         // root may write everywhere, and this one may not mount
      try {
        if (!mount) await chmod(closed, 0o555);
        const { code, stderr } = await difface(['restore', portrait, '--model', 'identity', '--output', closed]);
        assert.equal(code, 1);
        assertClear(stderr, closed, 'cannot be written', '--output');
        assert.doesNotMatch(stderr, /looking for faces/, 'it is found out before anything is computed');
        assert.deepEqual(await filesBelow(closed), []);
      } finally {
        mount?.unmount();
      }
    });
  });

  it('a folder that is to be made where a file is: found out before anything is computed', () => inFolder(async (folder) => {
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    const { code, stderr } = await difface(['restore', portrait, clip, '--model', 'identity', '--output', join(file, 'results')]);
    assert.equal(code, 1);
    assertClear(stderr, join(file, 'results', 'portrait.restored'), join(file, 'results', 'clip.restored'), 'is a file', '--output');
    assert.doesNotMatch(stderr, /looking for faces/);
    assert.deepEqual(await filesBelow(folder), ['file']);
  }));

  for (const [what, source, size] of [['picture', portrait, '64k'], ['clip', clip, '128k']] as const) {
    it(`a full disk: ${what}`, async function () {
      await inFolder(async (folder) => {
        const small = join(folder, 'small');
        await mkdir(small);
        const mount = mounted(small, `size=${size}`);
        if (!mount) return this.skip();                                  // only root may mount the small disk
        try {
          const { code, stderr } = await difface(['restore', source, '--model', 'identity', '--output', small]);
          assert.equal(code, 1, stderr);
          assertClear(stderr, small, 'the disk is full');
          assert.deepEqual(await filesBelow(small), []);
        } finally {
          mount.unmount();
        }
      });
    });
  }

  for (const program of ['ffmpeg', 'ffprobe']) {
    it(`without ${program}`, () => inFolder(async (folder) => {
      const { code, stderr } = await difface(['restore', clip, '--model', 'identity', '--output', folder], { env: { [`DIFFACE_${program.toUpperCase()}`]: join(folder, 'missing') } });
      assert.equal(code, 1);
      assertClear(stderr, `DIFFACE_${program.toUpperCase()}`, 'missing');
      assert.deepEqual(await filesBelow(folder), []);
    }));
  }

  it('ffprobe itself crashes: the file is not blamed', function () {
    if (process.platform === 'win32') this.skip();                       // a script stands in for ffprobe
    return inFolder(async (folder) => {
      const program = join(folder, 'ffprobe');
      await writeFile(program, '#!/bin/sh\nif [ "$1" = -version ]; then echo "ffprobe version 3.1 of long ago"; exit 0; fi\nkill -SEGV $$\n', { mode: 0o755 });
      const { code, stderr } = await difface(['restore', clip, '--model', 'identity', '--output', folder], { env: { DIFFACE_FFPROBE: program } });
      assert.equal(code, 1);
      assertClear(stderr, 'ffprobe itself crashed (SIGSEGV)', clip, 'version 3.1', 'newer ffmpeg', 'DIFFACE_FFPROBE');
      assert.doesNotMatch(stderr, /damaged/);
    });
  });

  it('the encoder is killed: that is said, not what it warned of before', function () {
    if (process.platform === 'win32') this.skip();                       // a script stands in for ffmpeg
    return inFolder(async (folder) => {
      const program = join(folder, 'ffmpeg');
      const real = await findProgram('ffmpeg');
      await writeFile(program, `#!/bin/sh\ncase "$*" in *pipe:0*) echo "[swscaler @ 0x1] deprecated pixel format used" >&2; kill -KILL $$;; esac\nexec "${real}" "$@"\n`, { mode: 0o755 });
      const output = join(folder, 'out');
      const { code, stderr } = await difface(['restore', clip, '--model', 'identity', '--output', output], { env: { DIFFACE_FFMPEG: program } });
      assert.equal(code, 1);
      assertClear(stderr, output, 'ffmpeg was ended by SIGKILL', 'try again');
      assert.doesNotMatch(stderr, /swscaler|--codec/);
      assert.deepEqual(await filesBelow(output), []);
    });
  });

  it('the inference process is killed in the middle', function () {
    if (process.platform !== 'linux') this.skip();                       // finds the process through /proc
    return inFolder(async (folder) => {
      const file = join(folder, 'a.png');
      await copyFile(portrait, file);
      let killed = false;
      const { code, stderr } = await difface(['restore', file, '--model', 'sample', '--sampler', 'ddim', '--start', '200', '--steps', '200'], {
        onStderr: (said, child) => {
          if (killed || !/step \d+ of 200/.test(said)) return;
          killed = true;
          void kill(child.pid!);
        },
      });
      assert.ok(killed, stderr);
      assert.equal(code, 1, stderr);
      assertClear(stderr, `${file}: the inference process ended by SIGKILL`);
      assert.deepEqual(await filesBelow(folder), ['a.png']);
    });

    /** The restoring process is the last one started. */
    async function kill(parent: number): Promise<void> {
      const inference = [];
      for (const pid of await descendants(parent)) if ((await commandOf(pid)).includes('inferenceProcess')) inference.push(pid);
      process.kill(Math.max(...inference), 'SIGKILL');
    }
  });

  for (const [what, source, pattern] of [['picture', portrait, /step \d+ of 200/], ['clip', clip, /frame \d+ of 60, face/]] as const) {
    it(`Ctrl+C while restoring a ${what} leaves no file and no process`, function () {
      if (process.platform !== 'linux') this.skip();                     // finds the processes through /proc
      // a cache of its own: where the faces are known, there is no detector
      return inFolder((cache) => inFolder(async (folder) => {
        let children: readonly number[] = [];
        const { code, stderr } = await difface(['restore', source, '--model', 'sample', '--sampler', 'ddim', '--start', '200', '--steps', '200', '--output', folder], {
          env: { DIFFACE_CACHE: cache },
          onStderr: (said, child) => {
            if (children.length > 0 || !pattern.test(said)) return;
            children = [-1];
            void descendants(child.pid!).then((found) => {
              children = found;
              child.kill('SIGINT');
            });
          },
        });
        assert.equal(code, 130, stderr);
        assertClear(stderr, 'interrupted');
        assert.deepEqual(await filesBelow(folder), []);
        assert.ok(children.length >= 2, 'the detector and the restorer are processes');
        await new Promise((resolve) => setTimeout(resolve, 500));
        for (const pid of children) assert.doesNotMatch(await commandOf(pid), /inferenceProcess|ffmpeg/, `process ${pid} lives on`);
      }));
    });
  }
});
