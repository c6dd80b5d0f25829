import type { ErrorCode, YAMLError } from 'yaml';

/** What is wrong with a document as YAML, for a person who never heard of scalars and tokens. */
export function yamlWords({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'UNEXPECTED_TOKEN' && /^\s*\t\s*$/.test(text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1, pos[1]))) return words.TAB_AS_INDENT;
  if (code === 'MULTIPLE_DOCS' && !text.startsWith('---', pos[0])) return "a recipe is one document: '...' ends it, and what follows is not read";
  if (code === 'BAD_ALIAS' && /^\*(\s|$)/.test(text.slice(pos[0]))) return "'*' alone stands for nothing: name the files, or their folder";
  return code === 'MISSING_CHAR' ? missing(message) : words[code];
}

export const words: Readonly<Record<Exclude<ErrorCode, 'MISSING_CHAR'>, string>> = {
  ALIAS_PROPS: "an alias ('*name') stands alone, without a tag or an anchor",
  BAD_ALIAS: "no anchor ('&name') before this has the name of this alias",
  BAD_COLLECTION_TYPE: 'its tag does not fit: a list or a mapping stands here',
  BAD_DIRECTIVE: "a line that begins with '%' is a directive of YAML, and there is none of that name",
  BAD_DQ_ESCAPE: "a backslash between double quotes begins a sign such as \\n, and there is none of that name; write \\\\, or use single quotes",
  BAD_INDENT: 'this is not indented as what it belongs to: keys of one action begin in the same column',
  BAD_PROP_ORDER: 'a tag or an anchor stands in the wrong place',
  BAD_SCALAR_START: 'a value cannot begin with this sign; put it between quotes',
  BLOCK_AS_IMPLICIT_KEY: 'keys with values need a line each, or braces around them',
  BLOCK_IN_FLOW: 'a bracket or a brace is open: between them values are parted by commas, not by lines and dashes',
  DUPLICATE_KEY: 'this key is there already; each key stands once in an action',
  IMPOSSIBLE: 'this cannot be read',
  KEY_OVER_1024_CHARS: 'this key is too long',
  MULTILINE_IMPLICIT_KEY: 'a key and its colon stand in one line; is a colon missing, or a bracket not closed?',
  MULTIPLE_ANCHORS: 'one value has one anchor',
  MULTIPLE_DOCS: "a recipe is one document: '---' begins another, which is not read",
  MULTIPLE_TAGS: 'one value has one tag',
  NON_STRING_KEY: 'a key is a word',
  RESOURCE_EXHAUSTION: 'this is too much to be read',
  TAB_AS_INDENT: 'lines are indented with spaces, not with tabs',
  TAG_RESOLVE_FAILED: "a word that begins with '!' is a tag of YAML, and there is none of that name; put the value between quotes",
  UNEXPECTED_TOKEN: 'this does not fit here; is a bracket, a quote or a colon missing before it, or is there one too many?',
};

/** The library says which sign in its words. */
function missing(message: string): string {
  if (/closing ["']quote/.test(message)) return 'a quote is not closed';
  if (/end with a [\]}]/.test(message)) return `a ${message.includes('}') ? 'brace' : 'bracket'} is not closed`;
  if (message.includes('Missing ,')) return 'a comma is missing before this';
  if (/[Cc]omment/.test(message)) return "a space is missing before '#'";
  return message.includes('map values') ? 'a colon and a value are missing behind this key' : 'something is missing before this';
}
