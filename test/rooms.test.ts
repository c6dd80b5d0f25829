import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { inFolder, root } from './cli/command.ts';

const protocol = 'export interface Info { readonly name: string }\nexport const requests = {};\n';

/** Names of the rules that a small house of these files breaks. */
async function broken(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  let rules: readonly string[] = [];
  await inFolder(async (folder) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
    const rooms = [...new Set(Object.keys(files).map((path) => path.split('/')[0]!))];
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, [program, '--config', join(root, '.config', 'dependencies.cjs'), '--output-type', 'json', ...rooms], { cwd: folder, maxBuffer: 1 << 26 }, (_error, stdout) => {
        resolve(stdout);
      });
    });
    const { summary } = JSON.parse(said) as { summary: { violations: readonly { rule: { name: string } }[] } };
    rules = [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
  });
  return rules;
}

describe('the rules of who imports whom', () => {
  const cases: readonly (readonly [what: string, files: Readonly<Record<string, string>>, rules: readonly string[]])[] = [
    ['types of the protocol in a page are fine', { 'kernel/protocol.ts': protocol, 'webview/page.ts': "import type { Info } from '../kernel/protocol.ts';\nexport type Shown = Info;\n" }, []],
    ['values of the protocol in a page are not', { 'kernel/protocol.ts': protocol, 'webview/page.ts': "import { requests } from '../kernel/protocol.ts';\nexport const known = requests;\n" }, ['webview-sees-types-alone']],
    ['a folder that is no room', { 'kernel/utils/a.ts': "import { b } from './b.ts';\nexport const a = b;\n", 'kernel/utils/b.ts': 'export const b = 1;\n' }, ['unknown-room-imported', 'unknown-room-imports']],
    ['a folder that is no room, alone', { 'kernel/misc/a.ts': 'export const a = 1;\n' }, ['unknown-room-alone']],
    ['handlers reach for the networks', { 'kernel/handlers.ts': "import { client } from './inference/client.ts';\nexport const handlers = client;\n", 'kernel/inference/client.ts': 'export const client = 1;\n' }, ['handlers-imports']],
    ['the entry reaches past the handlers', { 'kernel/main.ts': "import { pool } from './pipeline/pool.ts';\nexport const main = pool;\n", 'kernel/pipeline/pool.ts': 'export const pool = 1;\n' }, ['main-imports']],
    ['a command looks into a file of the sampler', { 'kernel/cli/run.ts': "import { ddim } from '../diffusion/ddim.ts';\nexport const run = ddim;\n", 'kernel/diffusion/ddim.ts': 'export const ddim = 1;\n' }, ['cli-imports']],
    ['handlers use the pipeline', { 'kernel/handlers.ts': "import { pool } from './pipeline/pool.ts';\nexport const handlers = pool;\n", 'kernel/pipeline/pool.ts': 'export const pool = 1;\n' }, []],
  ];
  for (const [what, files, rules] of cases) {
    it(what, async () => {
      assert.deepEqual(await broken(files), rules);
    });
  }
});
