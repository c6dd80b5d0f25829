import { join } from 'node:path';
import { describeInWorkbench } from './describeInWorkbench.ts';
import { root } from './vsix.ts';

describeInWorkbench('devices', { files: { 'portrait.png': join(root, 'samples', 'portrait.png') }, settings: { 'difface.steps': 2 } }, (here) => {
  it('are listed with what came of trying them; the chosen one is used, and the status bar says so and why', async () => {
    await here.workbench.runCommand('DifFace: Choose Device...');
    await here.workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'always there' }).waitFor({ timeout: 60_000 });
    await here.workbench.pick('cpu');
    await here.workbench.contextMenu(['portrait.png'], 'Restore Faces');
    await here.workbench.waitForToast(/2 faces restored/);
    await here.workbench.waitForStatusBarItem(/DifFace is ready.*It computes on cpu in float32 \(chosen\)/);
  });
});
