import { strict as assert } from 'node:assert';
import { cp, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { stateOf, verifyFile } from '../../kernel/weights/installed.ts';
import { officialFiles, type OfficialFile } from '../../kernel/weights/officialFiles.ts';
import { loadableNetworkFile } from '../../kernel/weights/officialNetwork.ts';
import { root } from '../cli/command.ts';
import { officialTensors } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { failure } from './smallWeights.ts';

const fixtures = join(root, 'test', 'parity', 'fixtures');
const entryOf = (id: string): OfficialFile => officialFiles.find((file) => file.id === id)!;

describe('a weight file that somebody put into the folder by hand', () => {
  let folder: string;
  const before = process.env['DIFFACE_WEIGHTS'];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'difface-by-hand-'));
    process.env['DIFFACE_WEIGHTS'] = folder;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['DIFFACE_WEIGHTS'];
    else process.env['DIFFACE_WEIGHTS'] = before;
    await rm(folder, { recursive: true, force: true });
  });
  const path = (id: string): string => join(folder, entryOf(id).file);
  const flip = async (id: string): Promise<void> => {
    const bytes = await readFile(path(id));
    bytes[bytes.length >> 1]! ^= 4;
    await writeFile(path(id), bytes);
  };

  it('is read once before it is loaded, and what it is is remembered', async () => {
    await writeRandomCheckpoint(path('yolov5n-face'), await officialTensors('yolov5n_face'));
    assert.equal(await loadableNetworkFile('yolov5n-face'), path('yolov5n-face'));
    const state = await stateOf(entryOf('yolov5n-face'), folder);
    assert.ok(state.kind === 'present' && state.unchanged && state.record?.source === 'found');
  });

  it('is refused where it is damaged, in the words of verifying, with the repair', async () => {
    await writeRandomCheckpoint(path('yolov5n-face'), await officialTensors('yolov5n_face'));
    await flip('yolov5n-face');
    const says = failure('weights', /yolov5n-face\.pth is damaged: its part .* checksum/, /'difface weights install yolov5n-face' repairs it/);
    await assert.rejects(loadableNetworkFile('yolov5n-face'), says);
    await assert.rejects(verifyFile(entryOf('yolov5n-face'), folder), says);
  });

  it('may be of another size than the published one, but is read likewise, by verifying too', async () => {
    await cp(join(fixtures, 'parsenet', 'parsenet.pth'), path('parsenet'));
    await loadableNetworkFile('parsenet');
    assert.equal((await verifyFile(entryOf('parsenet'), folder)).published, 'other');
    await flip('parsenet');
    await assert.rejects(loadableNetworkFile('parsenet'), failure('weights', /parsing_parsenet\.pth is damaged/));
  });

  it('may be replaced by hand, too; one that changes with its time as it was is refused', async () => {
    await cp(join(fixtures, 'parsenet', 'parsenet.pth'), path('parsenet'));
    await loadableNetworkFile('parsenet');
    await writeRandomCheckpoint(path('parsenet'), await officialTensors('parsenet'));
    await utimes(path('parsenet'), 1e9, 1e9);
    await loadableNetworkFile('parsenet');
    await flip('parsenet');
    await utimes(path('parsenet'), 1e9, 1e9);
    await assert.rejects(verifyFile(entryOf('parsenet'), folder), failure('weights', /is not what was installed/));
  });

  it('is refused where it holds another network', async () => {
    await cp(join(fixtures, 'rrdbnet', 'rrdb_x2.pth'), path('parsenet'));
    await assert.rejects(loadableNetworkFile('parsenet'), failure('weights', /is not parsing_parsenet\.pth: it holds an RRDBNet upsampler/));
  });
});
