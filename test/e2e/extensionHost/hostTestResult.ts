/** How one test inside of the extension host went; the last line of the results says that all have `ended`. */
export type HostTestResult =
  | { readonly title: readonly string[]; readonly state: 'passed' | 'skipped' | 'ended' }
  | { readonly title: readonly string[]; readonly state: 'failed'; readonly error: string };
