/** Takes the pictures of the README and of the walkthrough: `npm run screenshots`. Look at them before they are committed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { launchBrowser } from './browser.ts';
import { startCodeServer } from './codeServer.ts';
import { EditorPage } from './editorPage.ts';
import { root, vsix } from './vsix.ts';
import { Workbench } from './workbench.ts';

const folder = join(root, 'media', 'walkthrough');
mkdirSync(folder, { recursive: true });
const server = await startCodeServer({ vsix: await vsix(), files: { 'portrait.png': join(root, 'samples', 'portrait.png'), 'clip.mp4': join(root, 'samples', 'clip.mp4') } });
const browser = await launchBrowser();
try {
  const workbench = await Workbench.open(browser, server.workbenchUrl);
  const take = async (name: string): Promise<void> => {
    await workbench.page.waitForTimeout(700);
    await sharp(await workbench.page.screenshot()).png({ palette: true, quality: 92, effort: 10 }).toFile(join(folder, `${name}.png`));
  };
  await workbench.changeColorTheme('Dark Modern');
  const picture = await EditorPage.open(workbench, 'portrait.png');
  await picture.faceFrames.nth(1).waitFor();
  await take('open');
  await picture.restore();
  await picture.waitForStatus(/step [5-9] of/);
  await take('restore');
  await picture.waitForStatus(/restored in/);
  const line = picture.frame.getByRole('slider', { name: 'Line between original and restored' });
  await line.focus();
  for (let i = 0; i < 10; i++) await workbench.page.keyboard.press('ArrowLeft');
  await picture.stage.focus();
  for (let i = 0; i < 3; i++) await workbench.page.keyboard.press('+');
  await take('compare');
  await picture.press('t');
  const scrubber = picture.frame.getByRole('slider', { name: 'Step', exact: true });
  await scrubber.waitFor();
  const branch = async (step: number, seed: number): Promise<void> => {
    await scrubber.focus();
    await workbench.page.keyboard.press('Home');
    for (let i = 0; i < step; i++) await workbench.page.keyboard.press('ArrowRight');
    await workbench.page.keyboard.press('b');
    await picture.frame.getByLabel('seed of the branch').fill(String(seed));
    await workbench.page.keyboard.press('Enter');
    await picture.frame.locator('.branch-name', { hasText: `seed ${seed}` }).waitFor({ timeout: 60_000 });
    await picture.frame.locator('.branch-name', { hasText: 'main' }).click();
  };
  await branch(3, 7);
  await branch(9, 8);
  await scrubber.focus();
  await workbench.page.keyboard.press('Home');
  for (let i = 0; i < 6; i++) await workbench.page.keyboard.press('ArrowRight');
  await workbench.page.keyboard.press('Control+b');                     // the pictures are what is looked at
  await take('trajectory');
  await workbench.page.keyboard.press('Control+b');
  await scrubber.focus();
  await workbench.page.keyboard.press('t');
  const clip = await EditorPage.open(workbench, 'clip.mp4');
  await clip.frame.locator('.lane-head').nth(1).waitFor();
  await clip.restore();
  await clip.waitForStatus(/frame 3\d of/, 180_000);
  await take('clip');
} finally {
  await browser.close();
  await server.stop();
}
