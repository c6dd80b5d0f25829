/**
 * Text from files for a terminal: control characters, which could move the cursor or change what was printed before, are written out (`\x1b`). Line breaks stay.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
    if (character === '\n') return character;
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** What a name with line breaks is in a line: each is a sign as wide as it counts, so that columns stay in line. */
export function oneLine(text: string): string {
  return text.replaceAll('\n', '⏎');
}
