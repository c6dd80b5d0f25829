import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { officialTensors } from '../models/officialKeys.ts';
import { writeRandomCheckpoint } from '../models/randomCheckpoint.ts';
import { sendFile } from '../weights/weightServer.ts';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { root } from './vsix.ts';

const file = 'yolov5n-face.pth';

/** Where the editor downloads from: on this machine, and at first too slow to be waited for. */
async function mirror(): Promise<{ readonly server: Server; readonly address: string; readonly ranges: (string | undefined)[]; content(): Promise<Buffer> }> {
  const ranges: (string | undefined)[] = [];
  let made: Promise<Buffer> | undefined;
  const content = (): Promise<Buffer> => made ??= make();
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    void content().then((bytes) => { sendFile(bytes, request, response, ranges.length === 1 ? { pace: { bytes: 20_000, milliseconds: 50 } } : {}); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  server.unref();
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ranges, content };
}

async function make(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'difface-mirror-'));
  try {
    await writeRandomCheckpoint(join(folder, file), await officialTensors('yolov5n_face'));
    return await readFile(join(folder, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const published = await mirror();

describeInWorkbench('model weights', {
  files: { 'portrait.png': join(root, 'samples', 'portrait.png') },
  settings: { 'difface.weights.mirror': published.address, 'difface.steps': 2 },
}, (here) => {
  const installed = (): string => join(dirname(here.server.workspace), 'weights', file);
  /** Chooses an entry of the list that bears the title: the one before may still be there. */
  const choose = async (title: string, entry: string): Promise<void> => {
    const widget = here.workbench.page.locator('.quick-input-widget', { hasText: title });
    await widget.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await widget.locator('input[type="text"]').fill(entry);
    await widget.locator('.quick-input-list .monaco-list-row').filter({ has: here.workbench.page.getByText(entry, { exact: true }) }).first().click();
  };
  const all = 'DifFace: Model Weights';
  const one = 'DifFace: YOLOv5-face, n';
  const list = async (): Promise<void> => {
    await here.workbench.runCommand('DifFace: Manage Model Weights');
    await here.workbench.page.locator('.quick-input-widget', { hasText: all }).waitFor();
  };
  const find = async (entry: string): Promise<void> => {
    await list();
    await choose(all, entry);
  };
  const dialog = () => here.workbench.page.locator('.monaco-dialog-box');

  it('are listed with state and size', async () => {
    await list();
    const rows = here.workbench.page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: 'Install All for Photographs' }).waitFor();
    await rows.filter({ hasText: 'Diffusion model, faces of 512 px' }).filter({ hasText: 'not installed, about 639 MB' }).first().waitFor();
    await here.workbench.page.keyboard.press('Escape');
  });

  it('are downloaded after the licence is accepted; nothing before', async () => {
    await find('YOLOv5-face, n');
    await choose(one, 'Install');
    await dialog().filter({ hasText: 'Terms of the CodeFormer release' }).waitFor();
    assert.deepEqual(published.ranges, []);
    await dialog().getByRole('button', { name: 'Accept and Download' }).click();
    await here.workbench.waitForToast(/yolov5n-face\.pth: \d.* MB of 7\.\d MB/);
  });

  it('a download that is cancelled goes on where it ended', async () => {
    const toast = here.workbench.page.locator('.notification-list-item', { hasText: file });
    await toast.hover();
    await toast.getByRole('button', { name: 'Cancel' }).click();
    await here.workbench.waitForToast(/cancelled\. What was downloaded is kept, and the next one goes on from there/);
    assert.ok(!existsSync(installed()));
    await find('YOLOv5-face, n');
    await choose(one, 'Go On Installing');
    await here.workbench.waitForToast(/Installed: yolov5n-face\.pth/);
    assert.match(published.ranges.at(-1) ?? '', /^bytes=[1-9]\d*-$/);
    assert.ok((await published.content()).equals(await readFile(installed())));
  });

  it('damage is found by verifying, and mended', async () => {
    const damaged = Buffer.from(await published.content());
    damaged[1_000_000]! ^= 1;
    await writeFile(installed(), damaged);
    await find('Verify All');
    await here.workbench.waitForToast(/Damaged: yolov5n-face\.pth/);
    await here.workbench.page.getByRole('button', { name: 'Install Again' }).click();
    const end = Date.now() + 30_000;
    while (Buffer.compare(await readFile(installed()), await published.content()) !== 0) {
      assert.ok(Date.now() < end, 'the file was not mended');
      await here.workbench.page.waitForTimeout(200);
    }
  });

  it('are removed after a question', async () => {
    await find('YOLOv5-face, n');
    await choose(one, 'Remove');
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await here.workbench.waitForToast(/Removed: yolov5n-face\.pth/);
    assert.ok(!existsSync(installed()));
  });
});

describeInWorkbench('a model without its weights', {
  files: { 'portrait.png': join(root, 'samples', 'portrait.png') },
  settings: { 'difface.weights.mirror': published.address, 'difface.model': 'difface' },
}, (here) => {
  it('is offered to be installed; without acceptance nothing is fetched', async () => {
    const before = published.ranges.length;
    await here.workbench.contextMenu(['portrait.png'], 'Restore Faces');
    await here.workbench.waitForToast(/weights of the model 'difface' are not installed.*Manage Model Weights/);
    await here.workbench.page.getByRole('button', { name: 'Install Weights...' }).click();
    const dialog = here.workbench.page.locator('.monaco-dialog-box').filter({ hasText: 'NTU S-Lab License 1.0' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(published.ranges.length, before);
    assert.deepEqual(here.workbench.toasts.all.filter((text) => /Installing/.test(text)), []);
  });
});
