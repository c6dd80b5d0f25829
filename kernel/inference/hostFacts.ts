import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cudaCards } from './nvidiaCards.ts';
import { cudaProvider } from './runtimeFolder.ts';

/**
 * What decides whether a provider works here, as far as it can be found out without running it. A verdict holds for as long as all of this stays as it was; free memory
 * is not part of it.
 */
export interface HostFacts {
  readonly runtime: string;
  readonly host: string;
  /** Versions of drivers, and files that name drivers. */
  readonly drivers: readonly string[];
  /** Variables that choose between drivers and cards. */
  readonly environment: Readonly<Record<string, string>>;
  /** Cards of NVIDIA that CUDA may use, as it counts them. */
  readonly nvidia: readonly string[];
  /** Cards that Windows lists. */
  readonly windows: readonly string[];
  /** false where Linux has no graphics card at all: what runs there is a driver that draws in software. */
  readonly graphics: boolean;
  /** Size and time of the library that runs CUDA; null where it is not installed. */
  readonly cudaLibrary: string | null;
}

const choosing = ['CUDA_VISIBLE_DEVICES', 'LD_LIBRARY_PATH', 'VK_DRIVER_FILES', 'VK_ADD_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_LOADER_DRIVERS_SELECT', 'VK_LOADER_DRIVERS_DISABLE', 'MESA_VK_DEVICE_SELECT', 'DRI_PRIME'];
/** Where the Vulkan loader looks for drivers on Linux. */
const vulkanFolders = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
const run = promisify(execFile);

/** Looks at files and asks the drivers' own tools; what is not there is left out, nothing fails. */
export async function hostFacts(): Promise<HostFacts> {
  const runtime = (createRequire(import.meta.url)('onnxruntime-node/package.json') as { readonly version: string }).version;
  const [nvidia, windows, drivers, graphics, cudaLibrary] = await Promise.all([cudaCards(), windowsCards(), driverVersions(), hasGraphics(), stampOf(cudaProvider())]);
  const environment = Object.fromEntries(choosing.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return { runtime, host: `${platform()} ${arch()} ${release()}`, drivers, environment, nvidia: nvidia.map(described), windows: windows.map(described), graphics, cudaLibrary };
}

async function windowsCards(): Promise<readonly { readonly name: string; readonly driver: string }[]> {
  if (platform() !== 'win32') return [];
  try {
    const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', 'Get-CimInstance Win32_VideoController | ForEach-Object { $_.Name + "|" + $_.DriverVersion }'], { timeout: 20_000, windowsHide: true });
    return stdout.split('\n').map((line) => line.trim().split('|')).filter(([name]) => name !== '').map(([name, driver]) => ({ name: name!, driver: driver ?? '' }));
  } catch {
    return [];
  }
}

function described({ name, driver }: { readonly name: string; readonly driver: string }): string {
  return `${name} ${driver}`.trim();
}

async function driverVersions(): Promise<readonly string[]> {
  if (platform() !== 'linux') return [];                                // Windows says them with its cards, on a Mac they are the system's
  const nvidia = (await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => '')).split('\n')[0]!.trim();
  const named = (process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'] ?? '').split(':').filter((path) => path !== '');
  const listed = await Promise.all(vulkanFolders.map(async (folder) => (await readdir(folder).catch(() => [])).sort().map((file) => join(folder, file))));
  const vulkan = await Promise.all([...named, ...listed.flat()].map(async (path) => `${path} ${(await stampOf(path)) ?? 'missing'}`));
  return [...(nvidia === '' ? [] : [nvidia]), ...vulkan];
}

/** A node of the kernel's direct rendering, of NVIDIA's driver, or of Windows' below WSL. */
async function hasGraphics(): Promise<boolean> {
  if (platform() !== 'linux') return true;
  const [all, rendering] = await Promise.all(['/dev', '/dev/dri'].map((folder) => readdir(folder).catch(() => [])));
  return all!.some((name) => /^(nvidia\d+|dxg)$/.test(name)) || rendering!.some((name) => name.startsWith('renderD'));
}

async function stampOf(path: string): Promise<string | null> {
  return stat(path).then(({ size, mtimeMs }) => `${size} ${Math.round(mtimeMs)}`, () => null);
}
