import { isScalar, parseDocument, visit, YAMLParseError, type Document, type LineCounter } from 'yaml';

/** Time to read nested brackets and explicit keys grows with the cube of their depth, and a recipe needs three levels. */
const deepest = 100;
/** Each alias is looked for in the whole document. */
const mostAliases = 100;

/** YAML 1.2 with positions. @returns why it cannot be read where that is so, and an empty document */
export function readYaml(text: string, lineCounter?: LineCounter): { readonly yaml: Document.Parsed; readonly failed?: string } {
  const nested = { yaml: parseDocument(''), failed: 'it is nested too deep' };
  if (depth(text) > deepest) return nested;
  try {
    // the library compares every key with every other
    const marked = text.startsWith('\uFEFF');                          // the library finds no list behind a byte order mark, and one behind an empty line
    const yaml = parseDocument(marked ? `\n${text.slice(1)}` : text, { ...(lineCounter ? { lineCounter } : {}), prettyErrors: false, logLevel: 'error', uniqueKeys: false, version: '1.2', schema: 'core' });
    if (marked) lineCounter?.lineStarts.splice(lineCounter.lineStarts.indexOf(1), 1);
    if (aliases(yaml) > mostAliases) return { yaml: parseDocument(''), failed: `it has more than ${mostAliases} aliases` };
    yaml.errors.push(...doubledKeys(yaml));
    return { yaml };
  } catch (error) {                                                     // indented deeper than the stack
    return error instanceof RangeError ? nested : { yaml: parseDocument(''), failed: error instanceof Error ? error.message : String(error) };
  }
}

/** At least the depth of what is slow: open brackets and question marks that stand alone, wherever that is. */
function depth(text: string): number {
  let [open, most] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === '[' || sign === '{') most = Math.max(most, ++open);
    else if ((sign === ']' || sign === '}') && open > 0) open--;
  }
  return most + (text.match(/(?:^|[\s[{,])\?(?=\s|$)/gm)?.length ?? 0);
}

function aliases(yaml: Document.Parsed): number {
  let count = 0;
  visit(yaml, { Alias: () => (++count > mostAliases ? visit.BREAK : undefined) });
  return count;
}

function doubledKeys(yaml: Document.Parsed): readonly YAMLParseError[] {
  const doubled: YAMLParseError[] = [];
  visit(yaml, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.range) doubled.push(new YAMLParseError([key.range[0], key.range[1]], 'DUPLICATE_KEY', `'${String(key.value)}' stands here a second time`));
        seen.add(key.value);
      }
    },
  });
  return doubled;
}
