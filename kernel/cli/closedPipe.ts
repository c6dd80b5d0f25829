/** What a process that a closed pipe ended says in shells: 128 + SIGPIPE. */
const brokenPipe = 141;

/** Where nobody reads what is printed any more (`difface run x | head`), there is nothing left to do: the process ends without a word. */
export function endWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(brokenPipe);
    });
  }
}
