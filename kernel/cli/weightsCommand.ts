import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { weightsFolder } from '../packageFolder.ts';
import { difface, officialAddresses } from '../weights/official.ts';

/** `difface weights`: where the official weights come from, under which licence, and where they belong. */
export function addWeightsCommand(program: Command): void {
  program
    .command('weights')
    .description('says where the official weights are published, under which licence, and where to put them')
    .action(() => {
      const folder = weightsFolder();
      const lines = [difface.backbone, difface.denoiser].map(({ file }) => {
        const state = existsSync(join(folder, file)) ? 'installed' : 'missing  ';
        return `  ${state}  ${file}\n             ${officialAddresses[file] ?? ''}`;
      });
      process.stdout.write(
        `The official model for photographs is not part of this product.\nLicence: ${difface.licence}.\n\n` +
        `If its terms suit you, download these files and put them into\n  ${folder}\n\n${lines.join('\n')}\n\n` +
        `After that --model difface is the default. 'difface inspect <file>' checks a downloaded file.\n`,
      );
    });
}
