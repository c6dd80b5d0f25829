import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFolder } from '../../kernel/packageFolder.ts';
import { recipeDocs } from './recipeDocs.ts';

/** `npm run docs:recipes` */
await writeFile(join(packageFolder(), 'docs', 'recipes.md'), recipeDocs());
