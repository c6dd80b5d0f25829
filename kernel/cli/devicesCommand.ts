import type { Command } from 'commander';
import { installCudaLibraries } from '../inference/cudaLibraries.ts';
import { chooseDevice, devices, type Device } from '../inference/executionProviders.ts';
import { deviceName, sameDevice } from '../inference/device.ts';
import { interruptSignal } from './interrupt.ts';
import { visible } from './visible.ts';
import { WeightsProgressLine } from './weightsProgressLine.ts';

/** `difface devices`: where networks can run here, and why or why not. */
export function addDevicesCommand(program: Command): void {
  const command = program
    .command('devices')
    .description('says where the networks can run here and why not elsewhere; each device is tried once, until drivers or versions change')
    .option('--probe', 'try every device again')
    .option('--json', 'print JSON')
    .action(async ({ probe, json }: { probe?: true; json?: true }) => {
      const found = await devices({ again: probe === true });
      const { device, precision, reason } = await chooseDevice('auto');
      if (json === true) process.stdout.write(JSON.stringify(found.map((one) => (sameDevice(one, device) ? { ...one, chosen: { precision, reason } } : one)), null, 2) + '\n');
      else process.stdout.write(visible([...found.map(line), `auto: ${deviceName(device)} in ${precision} (${reason})`].join('\n')) + '\n');
    });
  command
    .command('install-cuda')
    .description('fetches the libraries with which ONNX Runtime computes on cards of NVIDIA (Linux on x64; more than 400 MB)')
    .action(installCuda);
}

function line({ name, card, usable, reason }: Device): string {
  return `${name.padEnd(8)}${usable ? 'usable    ' : 'not usable'}  ${card === undefined ? '' : `${card}: `}${reason}`;
}

async function installCuda(): Promise<void> {
  const [interrupt, line] = [interruptSignal(), new WeightsProgressLine()];
  try {
    const files = await installCudaLibraries({ network: {}, signal: interrupt.signal, onProgress: (progress) => { line.show(progress); } });
    line.stop();
    process.stdout.write(visible(`installed:\n${files.map((file) => `  ${file}`).join('\n')}\nCUDA 12 and cuDNN 9 must be installed too; 'difface devices' says whether it works now.`) + '\n');
  } finally {
    line.stop();
    interrupt.dispose();
  }
}
