import { strict as assert } from 'node:assert';
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { KernelFailure } from '../../kernel/failure.ts';
import { installWeights } from '../../kernel/pipeline/manageWeights.ts';
import { acceptLicence, licences } from '../../kernel/weights/licences.ts';
import { filesNamed } from '../../kernel/weights/officialFiles.ts';
import type { WeightsProgress } from '../../kernel/weights/progress.ts';
import { officialTensors, type OfficialNetwork } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { hasty } from '../weights/smallWeights.ts';
import { sendFile, serversOfATest } from '../weights/weightServer.ts';
import { assertClear, difface, filesBelow, inFolder, root } from './command.ts';

const file = 'yolov5n-face.pth';

describe('difface weights', () => {
  let content: Buffer;
  before('an official file with random values', () => inFolder(async (folder) => {
    content = await random(folder, file, 'yolov5n_face').then((path) => readFile(path));
  }));
  const serve = serversOfATest();
  const environment = (folder: string, mirror = ''): NodeJS.ProcessEnv => ({ DIFFACE_WEIGHTS: join(folder, 'weights'), DIFFACE_CACHE: join(folder, 'cache'), DIFFACE_WEIGHTS_MIRROR: mirror });
  const random = async (folder: string, name: string, network: OfficialNetwork): Promise<string> => {
    const path = join(folder, name);
    await writeRandomCheckpoint(path, await officialTensors(network));
    return path;
  };

  it('lists every official file with licence, size and state, and changes nothing', () => inFolder(async (folder) => {
    const { code, stdout } = await difface(['weights'], { env: environment(folder) });
    assert.equal(code, 0);
    for (const name of ['iddpm_ffhq512_ema500000.pth', 'swinir_restoration512_L1.pth', 'detection_Resnet50_Final.pth', 'detection_mobilenet0.25_Final.pth', 'yolov5n-face.pth', 'yolov5l-face.pth', 'parsing_parsenet.pth', 'RealESRGAN_x2plus.pth', 'iddpm_ffhq256_ema750000.pth', 'lama_inpainting256.pth', 'NTU S-Lab License 1.0', 'MIT License', 'BSD 3-Clause']) assert.ok(stdout.includes(name), name);
    assert.deepEqual(await filesBelow(folder), []);
  }));

  it('downloads nothing before the licence is accepted, and remembers that it was', () => inFolder(async (folder) => {
    const server = await serve((request, response) => { sendFile(content, request, response); });
    const env = environment(folder, server.address);
    const refused = await difface(['weights', 'install', 'yolov5n-face'], { env });
    assert.equal(refused.code, 1);
    assertClear(refused.stderr, 'CodeFormer', 'non-commercial', 'was not accepted', '--accept-licence');
    assert.deepEqual(server.seen, []);
    const accepted = await difface(['weights', 'install', 'yolov5n-face', '--accept-licence'], { env });
    assert.equal(accepted.code, 0, accepted.stderr);
    assert.match(accepted.stdout, /installed {2}yolov5n-face\.pth .* SHA-256 [0-9a-f]{64}, recorded at install/);
    assert.deepEqual((await filesBelow(join(folder, 'weights'))), ['licences.json', file, `${file}.json`].sort());
    await difface(['weights', 'remove', 'yolov5n-face'], { env });
    const again = await difface(['weights', 'install', file], { env });
    assert.equal(again.code, 0, again.stderr);
  }));

  it('killed in the middle: no half file has the name, and the next install goes on', () => inFolder(async (folder) => {
    const server = await serve((request, response, attempt) => { sendFile(content, request, response, attempt === 1 ? { pace: { bytes: 200_000, milliseconds: 100 } } : {}); });
    const env = environment(folder, server.address);
    let killed = false;
    const first = await difface(['weights', 'install', 'yolov5n-face', '--accept-licence'], {
      env,
      onStderr: (said, child) => {
        if (killed || !said.includes(' MB of ') && !said.includes(' kB of ')) return;
        killed = true;
        setTimeout(() => child.kill('SIGKILL'), 500);
      },
    });
    assert.equal(first.code, null);
    const left = await filesBelow(join(folder, 'weights'));
    assert.ok(left.includes(`${file}.part`) && !left.includes(file), left.join());
    const second = await difface(['weights', 'install', 'yolov5n-face'], { env });
    assert.equal(second.code, 0, second.stderr);
    assert.match(server.seen[1]!.range ?? '', /^bytes=[1-9]\d+-$/);
    assert.ok(content.equals(await readFile(join(folder, 'weights', file))));
    assert.deepEqual(await filesBelow(join(folder, 'weights')), ['licences.json', file, `${file}.json`].sort());
  }));

  it('Ctrl+C ends it cleanly, and says that it goes on from there', () => inFolder(async (folder) => {
    const server = await serve((request, response) => { sendFile(content, request, response, { pace: { bytes: 200_000, milliseconds: 100 } }); });
    let interrupted = false;
    const { code, stderr } = await difface(['weights', 'install', 'yolov5n-face', '--accept-licence'], {
      env: environment(folder, server.address),
      onStderr: (said, child) => {
        if (interrupted || !/ [kM]B of /.test(said)) return;
        interrupted = true;
        setTimeout(() => child.kill('SIGINT'), 300);
      },
    });
    assert.equal(code, 130, stderr);
    assertClear(stderr, 'yolov5n-face.pth was cancelled', 'are kept', 'goes on from there');
    assert.deepEqual((await filesBelow(join(folder, 'weights'))), ['licences.json', `${file}.part`, `${file}.part.json`].sort());
  }));

  it('two processes at once: one downloads, both end well', () => inFolder(async (folder) => {
    const server = await serve((request, response) => { sendFile(content, request, response, { pace: { bytes: 500_000, milliseconds: 100 } }); });
    const env = environment(folder, server.address);
    const both = await Promise.all([1, 2].map(() => difface(['weights', 'install', 'yolov5n-face', '--accept-licence'], { env })));
    assert.deepEqual(both.map(({ code }) => code), [0, 0], both.map(({ stderr }) => stderr).join());
    assert.equal(server.seen.length, 1);
    assert.ok(content.equals(await readFile(join(folder, 'weights', file))));
  }));

  it('imports and converts a backbone, shows the disk it takes, finds damage, repairs it, and removes all of it', function () {
    this.timeout(300_000);
    return inFolder(async (folder) => {
      const source = await random(folder, 'swinir_restoration512_L1.pth', 'swinir512');
      const published = await readFile(source);
      const server = await serve((request, response) => { sendFile(published, request, response); });
      const env = environment(folder, server.address);
      const imported = await difface(['weights', 'import', source], { env });
      assert.equal(imported.code, 0, imported.stderr);
      assert.match(imported.stdout, /imported {2}swinir_restoration512_L1\.pth/);
      assert.match(imported.stdout, /NTU S-Lab License/);
      assert.match(imported.stderr, /converting/);
      assert.deepEqual((await filesBelow(join(folder, 'cache', 'models'))), ['complete.json', 'model.onnx', 'weights.bin']);
      const list = JSON.parse((await difface(['weights', 'list', '--json'], { env })).stdout) as { readonly files: readonly { readonly id: string; readonly state: string; readonly bytes: number; readonly convertedBytes: number }[] };
      const listed = list.files.find(({ id }) => id === 'backbone')!;
      assert.equal(listed.state, 'installed');
      assert.ok(listed.bytes > 60e6 && listed.convertedBytes > 60e6, JSON.stringify(listed));

      const installed = join(folder, 'weights', 'swinir_restoration512_L1.pth');
      await truncate(installed, 1_000_000);
      const damaged = await difface(['weights', 'verify'], { env });
      assert.equal(damaged.code, 1);
      assert.match(damaged.stdout, /damaged {2}swinir_restoration512_L1\.pth .*is not what was installed/);
      assertClear(damaged.stderr.split('\n').at(-2)!, 'difface weights install backbone');
      const repaired = await difface(['weights', 'install', 'backbone', '--accept-licence'], { env });
      assert.equal(repaired.code, 0, repaired.stderr);
      assert.equal((await difface(['weights', 'verify'], { env })).code, 0);

      const removed = await difface(['weights', 'remove', 'backbone'], { env });
      assert.match(removed.stdout, /removed {2}swinir_restoration512_L1\.pth {2}1\d\d MB/);
      assert.deepEqual(await readdir(join(folder, 'cache', 'models')), []);
    });
  });

  it('of several files the others are installed where some cannot be had; each is told, and all at the end', () => inFolder(async (folder) => {
    const server = await serve((request, response) => {
      if (request.url?.endsWith(file) === true) sendFile(content, request, response);
      else response.writeHead(404).end();
    });
    const names = ['retinaface-mobilenet', 'yolov5n-face', 'retinaface'];
    const { code, stdout, stderr } = await difface(['weights', 'install', ...names, '--accept-licence'], { env: environment(folder, server.address) });
    assert.equal(code, 1);
    assert.match(stdout, /^installed {2}yolov5n-face\.pth/);
    for (const name of ['detection_mobilenet0.25_Final.pth', 'detection_Resnet50_Final.pth']) assert.match(stderr, new RegExp(`^failed  ${name}: .* \\(status 404\\)`, 'm'));
    assertClear(stderr.split('\n').at(-2)!, 'installed 1 of 3 files', 'detection_Resnet50_Final.pth, detection_mobilenet0.25_Final.pth', "'difface weights install retinaface retinaface-mobilenet' tries again");
    const again = async (mirror: string): Promise<string> => (await difface(['weights', 'install', ...names, '--mirror', mirror], { env: environment(folder) })).stderr.split('\n').at(-2)!;
    assertClear(await again(server.address), `'difface weights install retinaface retinaface-mobilenet --mirror ${server.address}' tries again`);
    assertClear(await again(server.address.replace('//', '//me:s3cret@')), /^(?!.*s3cret).*; the same command tries again$/);
  }));

  it('a disk that refuses, and a cancellation, end an install of several files', () => inFolder(async (folder) => {
    const server = await serve((request, response) => { sendFile(content.subarray(0, 1_789_735), request, response); });
    const taken = join(folder, 'taken');
    await writeFile(taken, 'a file');
    const { code, stderr } = await difface(['weights', 'install', 'retinaface-mobilenet', 'retinaface'], { env: { ...environment(folder, server.address), DIFFACE_WEIGHTS: taken } });
    assert.equal(code, 1);
    assertClear(stderr.split('\n').at(-2)!, `${taken} is a file, where a folder is needed`);
    assert.doesNotMatch(stderr, /^failed/m);

    await inEnvironment(environment(folder), async () => {
      await acceptLicence(licences.codeformer, join(folder, 'weights'));
      const [controller, failed] = [new AbortController(), new Set<string>()];
      const installing = installWeights(filesNamed(['retinaface-mobilenet', 'yolov5n-face']), { mirror: server.address }, { signal: controller.signal, onProgress: () => { controller.abort(); }, onFailed: (name) => failed.add(name) });
      await assert.rejects(installing, (error) => error instanceof KernelFailure && error.kind === 'cancelled');
      assert.deepEqual([[...failed], server.seen.map(({ path }) => path)], [[], ['/detection_mobilenet0.25_Final.pth']]);
    });
  }));

  it('of a host that cannot be reached for one file no other is tried; what is there already counts as installed', () => inFolder((folder) => inEnvironment(environment(folder), async () => {
    await acceptLicence(licences.codeformer, join(folder, 'weights'));
    await writeFile(join(folder, 'weights', file), content);
    const told: string[] = [];
    const work = { signal: new AbortController().signal, onProgress: ({ stage, file: of }: WeightsProgress) => { if (stage === 'retrying') told.push(of); }, onFailed: (of: string) => told.push(`failed ${of}`) };
    const { installed, failed } = await installWeights(filesNamed(['retinaface', 'retinaface-mobilenet', 'yolov5l-face', 'yolov5n-face']), { mirror: 'http://127.0.0.1:9/' }, work, hasty);
    assert.deepEqual(installed.map(({ id }) => id), ['yolov5n-face']);
    assert.deepEqual(failed.map(({ id, unreachable }) => [id, unreachable]), [['retinaface', undefined], ['retinaface-mobilenet', '127.0.0.1:9'], ['yolov5l-face', '127.0.0.1:9']]);
    assert.deepEqual(told, [...hasty.waits.map(() => 'detection_Resnet50_Final.pth'), 'failed detection_Resnet50_Final.pth']);
  })));

  it('verifying what is not installed says that it is missing, and fails', () => inFolder(async (folder) => {
    const env = environment(folder);
    const nothing = await difface(['weights', 'verify'], { env });
    assert.deepEqual([nothing.code, nothing.stdout], [0, `nothing is installed in ${join(folder, 'weights')}\n`]);
    await mkdir(join(folder, 'weights'));
    await writeFile(join(folder, 'weights', file), content);
    const { code, stdout, stderr } = await difface(['weights', 'verify', 'yolov5n-face', 'parsenet', 'difface'], { env });
    assert.equal(code, 1);
    assert.match(stdout, /^intact {3}yolov5n-face\.pth/m);
    for (const name of ['parsing_parsenet.pth', 'iddpm_ffhq512_ema500000.pth', 'swinir_restoration512_L1.pth']) assert.match(stdout, new RegExp(`^missing  ${name}`, 'm'));
    assertClear(stderr.split('\n').at(-2)!, "'difface weights install denoiser backbone parsenet' installs them");
  }));

  it('a folder in the place of a file: the others are removed all the same, and no install is offered that would refuse', () => inFolder(async (folder) => {
    const env = environment(folder);
    await mkdir(join(folder, 'weights', 'yolov5l-face.pth', 'mine'), { recursive: true });
    await writeFile(join(folder, 'weights', file), content);
    const verified = await difface(['weights', 'verify', 'yolov5l-face'], { env });
    assert.match(verified.stdout, /^missing {2}yolov5l-face\.pth .*is a folder, .*; move it away/);
    assert.deepEqual([verified.code, verified.stderr], [1, 'difface: missing: yolov5l-face.pth\n']);
    assertClear((await difface(['weights', 'verify', 'yolov5l-face', 'parsenet'], { env })).stderr, "'difface weights install parsenet' installs it");
    const { code, stdout, stderr } = await difface(['weights', 'remove', 'yolov5l-face', 'yolov5n-face'], { env });
    assert.equal(code, 1);
    assert.match(stdout, /^removed {2}yolov5n-face\.pth/);
    assert.match(stderr, /^failed {2}yolov5l-face\.pth: .*is a folder/m);
    assertClear(stderr.split('\n').at(-2)!, 'these could not be removed: yolov5l-face.pth');
    assert.deepEqual(await readdir(join(folder, 'weights')), ['yolov5l-face.pth']);
  }));

  it('a cache that cannot be written is named; what was imported stays', () => inFolder(async (folder) => {
    const cache = join(folder, 'taken');
    await writeFile(cache, 'a file');
    await writeFile(join(folder, file), content);
    const damaged = join(folder, 'damaged.pth');
    await writeFile(damaged, 'no weights');
    const { code, stdout, stderr } = await difface(['weights', 'import', join(folder, file), damaged], { env: { ...environment(folder), DIFFACE_CACHE: cache } });
    assert.equal(code, 1);
    assert.match(stdout, /^imported {2}yolov5n-face\.pth/);
    assertClear(stderr.split('\n').at(-2)!, `1 file was imported; these could not be: ${damaged}; yolov5n-face.pth could not be converted: `, `cannot be written to ${join(cache, 'models')}`, `${cache} is a file`, 'DIFFACE_CACHE');
    assert.deepEqual(await filesBelow(join(folder, 'weights')), [file, `${file}.json`]);
  }));

  it('a model with a damaged file is not loaded: the file and the repair are named', () => inFolder(async (folder) => {
    await mkdir(join(folder, 'weights'));
    for (const name of ['swinir_restoration512_L1.pth', 'iddpm_ffhq512_ema500000.pth']) await writeFile(join(folder, 'weights', name), content.subarray(0, 10_000));
    const { code, stderr } = await difface(['restore', join(root, 'samples', 'portrait.png'), '--model', 'difface', '--output', folder], { env: environment(folder) });
    assert.equal(code, 1);
    assertClear(stderr, /(swinir_restoration512_L1|iddpm_ffhq512_ema500000)\.pth/, /'difface weights install (backbone|denoiser)' repairs it/);
  }));

  it('imports a folder in part, says what it skipped, and fails where there is nothing', () => inFolder(async (folder) => {
    const given = join(folder, 'given');
    await mkdir(given);
    await writeFile(join(given, file), content);
    await copyFile(join(root, 'samples', 'portrait.png'), join(given, 'picture.pth'));
    const { code, stdout, stderr } = await difface(['weights', 'import', given], { env: environment(folder) });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /imported {2}yolov5n-face\.pth/);
    assert.match(stderr, /skipped {2}.*picture\.pth/);
    await inFolder(async (empty) => {
      const nothing = await difface(['weights', 'import', empty], { env: environment(folder) });
      assert.equal(nothing.code, 1);
      assertClear(nothing.stderr, 'holds no weights');
    });
  }));

  it('imports files and folders at once; where one cannot be, the others are, and it fails', () => inFolder(async (folder) => {
    await writeFile(join(folder, file), content);
    const { code, stdout, stderr } = await difface(['weights', 'import', join(folder, 'nowhere.pth'), join(folder, file)], { env: environment(folder) });
    assert.equal(code, 1);
    assert.match(stdout, /^imported {2}yolov5n-face\.pth/);
    assert.match(stderr, /^failed {2}\S+nowhere\.pth: .*does not exist/m);
    assertClear(stderr.split('\n').at(-2)!, '1 file was imported', `these could not be: ${join(folder, 'nowhere.pth')}`);
  }));

  it('names that are none, and a mirror that is no address, are refused', () => inFolder(async (folder) => {
    const unknown = await difface(['weights', 'install', 'gfpgan'], { env: environment(folder) });
    assert.equal(unknown.code, 2);
    assertClear(unknown.stderr, "'gfpgan'", 'yolov5n-face', 'photographs');
    const mirror = await difface(['weights', 'install', 'yolov5n-face', '--accept-licence', '--mirror', 'nowhere'], { env: environment(folder) });
    assert.equal(mirror.code, 2);
    assertClear(mirror.stderr, 'nowhere', 'https://');
  }));
});

/** Does `work` with these variables in the environment of this process. */
async function inEnvironment(variables: NodeJS.ProcessEnv, work: () => Promise<void>): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await work();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  }
}
