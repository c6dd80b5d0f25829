import { commands, ConfigurationTarget, ProgressLocation, window, workspace } from 'vscode';
import { requests, type DeviceFailure, type DeviceInfo } from '../kernel/protocol.ts';
import { DisposableStore, type Disposable } from './disposable.ts';
import { inEditorWords, sentence } from './editorWords.ts';
import { showFailure } from './failureMessages.ts';
import { isCancelled } from './failures.ts';
import type { KernelClient } from './kernelClient.ts';
import { deviceFallbackSetting, networkSettings } from './settings.ts';

/** Where the networks run: choosing it, fetching what cards of NVIDIA need, and what happens when a device fails. */
export function registerDeviceCommands(kernel: KernelClient): Disposable {
  const store = new DisposableStore();
  const telling = (work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) await showFailure(error, kernel);
    }
  };
  store.add(commands.registerCommand('difface.chooseDevice', telling(() => chooseDevice(kernel, false))));
  store.add(commands.registerCommand('difface.installCuda', telling(() => installCuda(kernel))));
  kernel.answerDeviceFailure((failure) => goOn(failure));
  return store;
}

const tryAgain = '$(refresh) Try All Again';

async function chooseDevice(kernel: KernelClient, again: boolean): Promise<void> {
  const title = again ? 'Trying every device' : 'Looking for devices';
  const found = await window.withProgress({ location: ProgressLocation.Notification, title: `DifFace: ${title}`, cancellable: true }, (_, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => { controller.abort(); });
    return kernel.request(requests.devices, { again }, controller.signal);
  });
  const items = [{ label: 'auto', description: 'the fastest that computes the right numbers' }, ...found.map(described), { label: tryAgain, description: 'after a new driver, for instance' }];
  const chosen = await window.showQuickPick(items, { title: 'DifFace: Device', placeHolder: 'Where the networks run', matchOnDescription: true });
  if (!chosen) return;
  if (chosen.label === tryAgain) return chooseDevice(kernel, true);
  await workspace.getConfiguration('difface').update('device.use', chosen.label, ConfigurationTarget.Global);
}

function described({ name, card, usable, float16, reason }: DeviceInfo): { readonly label: string; readonly description: string; readonly detail: string } {
  return { label: name, description: `${card === undefined ? '' : `${card}, `}${usable ? `usable${float16 && name !== 'cpu' ? ', also in float16' : ''}` : 'not usable'}`, detail: inEditorWords(reason) };
}

let installations = 0;

async function installCuda(kernel: KernelClient): Promise<void> {
  const agreed = await window.showInformationMessage('Fetch the CUDA libraries of ONNX Runtime? They are more than 400 MB, made by Microsoft, and come from nuget.org. CUDA 12 and cuDNN 9 must be installed too.', { modal: true }, 'Fetch');
  if (agreed === undefined) return;
  await window.withProgress({ location: ProgressLocation.Notification, title: 'DifFace', cancellable: true }, async (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => { controller.abort(); });
    const job = `cuda-${++installations}`;
    const hearing = kernel.onProgress(({ job: of, progress: told }) => {
      if (of === job && told.stage === 'preparing') progress.report({ message: told.what });
    });
    try {
      await kernel.request(requests.installCuda, { job, agreed: true, network: networkSettings() }, controller.signal);
    } finally {
      hearing.dispose();
    }
  });
  const next = await window.showInformationMessage('The CUDA libraries are installed.', 'Choose Device');
  if (next !== undefined) await chooseDevice(kernel, false);
}

/** A device failed in the middle of work: told in any case; gone on only with a person's word, given now or in the settings. */
async function goOn({ device, reason, next }: DeviceFailure): Promise<boolean> {
  const what = sentence(`${device} failed in the middle of the work: ${reason}`);
  const policy = deviceFallbackSetting();
  switch (policy) {
    case 'never':
      return false;                                                     // the failure of the work is shown
    case 'always':
      void window.showWarningMessage(`${what} The work goes on on ${next}.`);
      return true;
    case 'ask': {
      const [once, always] = [`Go On on ${next}`, 'Always'];
      const chosen = await window.showWarningMessage(`${what} What was done is kept. Shall the work go on on ${next}?`, once, always, 'Stop');
      if (chosen === always) await workspace.getConfiguration('difface').update('device.fallback', 'always', ConfigurationTarget.Global);
      return chosen === once || chosen === always;
    }
    default:
      return policy satisfies never;
  }
}
