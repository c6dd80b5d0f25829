import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'yaml';
import { readYaml } from '../readYaml.ts';

const options = { indent: 2, indentSeq: true, lineWidth: 0, flowCollectionPadding: false } as const;

/**
 * The document in one form: two spaces, one between key and value, comments where they are.
 * @returns undefined where it is left as it is: it cannot be read, or would mean something else
 */
export function format(text: string): string | undefined {
  const once = formatted(text);
  // what the library writes is the same the second time, and means the same; where not, hands off
  return once !== undefined && formatted(once) === once && isDeepStrictEqual(meaning(once), meaning(text)) ? once : undefined;
}

function formatted(text: string): string | undefined {
  const { yaml, failed } = readYaml(text);
  if (failed !== undefined || yaml.errors.length > 0 || yaml.warnings.length > 0 || yaml.contents === null) return undefined;
  try {
    return yaml.toString(options);
  } catch {
    return undefined;
  }
}

function meaning(text: string): unknown {
  const { yaml } = readYaml(text);
  return [values(yaml), yaml.errors.length];
}

function values(yaml: Document.Parsed): unknown {
  try {
    return yaml.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}
