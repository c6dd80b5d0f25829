import { isAbsolute, join } from 'node:path';
import { workspace, type Uri, type WorkspaceConfiguration } from 'vscode';
import type { DetectorChoice, KernelSettings, NetworkSettings, RestoreRequest } from '../kernel/protocol.ts';
import { defaultSeed } from './defaults.ts';

/** `difface.device.use`: `auto`, `cpu`, `cuda:1`, ... */
export function deviceSetting(): string {
  return text('device.use') ?? 'auto';
}

/** Whether the recipe that makes a result again is written beside it. */
export function lockfileSetting(file: Uri): boolean {
  return workspace.getConfiguration('difface', file).get<boolean>('lockfile', true);
}

/** Whether work goes on on another device when one fails; what is none of the three is asked. */
export function deviceFallbackSetting(): 'never' | 'ask' | 'always' {
  const policy = text('device.fallback');
  return policy === 'never' || policy === 'always' ? policy : 'ask';
}

/** Path of ffmpeg where one is set; ffprobe is expected beside it. */
export function ffmpegSetting(): string | undefined {
  return text('ffmpegPath');
}

/** What the kernel takes at its start. */
export function kernelSettings(): KernelSettings {
  const settings = workspace.getConfiguration('difface');
  const [every, logSnr] = [settings.get<number>('trajectory.keepEvery', 1), settings.get<number | null>('trajectory.keepLogSnr', null)];
  return {
    cacheBytes: settings.get<number>('cacheSize', 4) * 1e9,
    trajectoryBytes: settings.get<number>('trajectory.cacheSize', 4) * 1e9,
    keptSteps: logSnr === null ? { kind: 'every', nth: every } : { kind: 'logSnr', count: logSnr },
    usualDevice: deviceSetting(),
    keptPrecision: settings.get<'auto' | 'float16' | 'float32'>('trajectory.precision', 'auto'),
  };
}

/** How weights are reached: VS Code's own settings of its proxy, and the mirror. What is not set, the environment says. */
export function networkSettings(): NetworkSettings {
  const http = workspace.getConfiguration('http');
  const [proxy, authorization, noProxy, mirror] = [http.get<string>('proxy', ''), http.get<string | null>('proxyAuthorization', null), http.get<readonly string[]>('noProxy', []), text('weights.mirror')];
  const used = proxy !== '' && http.get<string>('proxySupport', 'override') !== 'off';
  return {
    ...(used ? { proxy } : {}),
    ...(used && noProxy.length > 0 ? { noProxy: noProxy.join(',') } : {}),
    ...(used && authorization !== null && authorization !== '' ? { proxyAuthorization: authorization } : {}),
    strictTls: http.get<boolean>('proxyStrictSSL', true),
    ...(mirror === undefined ? {} : { mirror }),
  };
}

/** What the settings say of a restoration; a relative output folder lies in the folder of the workspace that holds the file. */
export function restoreSettings(file: Uri): RestoreRequest {
  const settings = workspace.getConfiguration('difface', file);
  const detector = settings.get<DetectorChoice>('detector', 'auto');
  const deviationLimit = settings.get<number | null>('deviationLimit', null);
  const [model, steps, seed, folder, suffix] = [text('model', file), settings.get<number | null>('steps', null), settings.get<number>('seed', defaultSeed), text('outputFolder', file), text('outputSuffix', file)];
  return {
    ...(model === undefined || model === 'auto' ? {} : { model }),
    ...(steps === null ? {} : { steps }),
    seed,
    precision: settings.get<'auto' | 'float32' | 'float16'>('device.precision', 'auto'),
    ...(detector === 'auto' ? {} : { detector }),
    ...(deviationLimit === null ? {} : { blend: { seeds: settings.get<number>('deviationSeeds', 8), above: deviationLimit } }),
    ...pastingSettings(settings),
    ...(folder === undefined ? {} : { output: absolute(folder, file) }),
    ...(suffix === undefined ? {} : { suffix }),
  };
}

/** What is said nowhere is left to the kernel. */
function pastingSettings(settings: WorkspaceConfiguration): RestoreRequest {
  const [mask, upscale, background] = [settings.get<'auto' | 'parsing' | 'oval'>('mask', 'auto'), settings.get<1 | 2>('upscale', 1), settings.get<'auto' | 'plain' | 'realesrgan'>('background', 'auto')];
  return {
    ...(mask === 'auto' ? {} : { mask }),
    ...(upscale === 1 ? {} : { upscale }),
    ...(background === 'auto' ? {} : { background }),
    ...(settings.get<boolean>('matchColours', false) ? { matchColours: true } : {}),
  };
}

function text(name: string, file?: Uri): string | undefined {
  const value = workspace.getConfiguration('difface', file).get<string>(name, '').trim();
  return value === '' ? undefined : value;
}

function absolute(folder: string, file: Uri): string {
  const root = workspace.getWorkspaceFolder(file)?.uri.fsPath;
  return isAbsolute(folder) || root === undefined ? folder : join(root, folder);
}
