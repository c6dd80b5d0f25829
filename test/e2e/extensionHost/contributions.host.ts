import { strict as assert } from 'node:assert';
import { commands, extensions } from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string; readonly title: string }[] };
}

describe('contributions', () => {
  const extension = extensions.getExtension<unknown>('difface.difface');

  it('the extension is installed', () => {
    assert.ok(extension, `there are ${extensions.all.map(({ id }) => id).filter((id) => !id.startsWith('vscode.')).join(', ')}`);
  });

  it('it activates', async () => {
    await extension!.activate();
    assert.ok(extension!.isActive);
  });

  it('every command it contributes is registered', async () => {
    const { contributes } = extension!.packageJSON as Manifest;
    const registered = await commands.getCommands(true);
    assert.ok(contributes.commands.length > 0);
    assert.deepEqual(contributes.commands.map(({ command }) => command).filter((command) => !registered.includes(command)), []);
  });

  it('the command that starts the kernel ends without an error', async () => {
    await commands.executeCommand('difface.startKernel');
  });
});
