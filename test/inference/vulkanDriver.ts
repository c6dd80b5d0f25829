import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cli/command.ts';

/** Put there by `.ci/softwareVulkan`: a driver that draws in software and is new enough. */
const fetched = join(root, '.cache', 'vulkan', 'lvp.json');

/** A Vulkan driver for tests of WebGPU, or why there is none. */
export function vulkanDriver(): { readonly manifest: string } | { readonly missing: string } {
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  if (named !== undefined && named !== '') return { manifest: named };
  if (process.platform !== 'linux' || process.arch !== 'x64') return { missing: `software Vulkan is set up for Linux on x64, not for ${process.platform} on ${process.arch}` };
  return existsSync(fetched) ? { manifest: fetched } : { missing: 'there is no software Vulkan driver; .ci/softwareVulkan fetches one where Debian backports can be reached' };
}
