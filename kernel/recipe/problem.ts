/** Part of a document, in UTF-16 units from its start; `end` is the first behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A change that mends a problem. */
export interface Fix {
  /** "Change 'sede' to 'seed'" */
  readonly title: string;
  readonly at: Span;
  /** What stands there instead. */
  readonly text: string;
}

/** What a person should read about a document, and where it is. A document with an error does not run; a warning is about what may yet come right. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: 'yaml' | 'size' | 'action' | 'key' | 'value' | 'contradiction' | 'name' | 'file' | 'weights' | 'device';
  readonly message: string;
  readonly at: Span;
  readonly fixes: readonly Fix[];
}

/** What keeps a document from running. */
export function problem(code: Problem['code'], message: string, at: Span, fixes: readonly Fix[] = []): Problem {
  return { severity: 'error', code, message, at, fixes };
}

/** A problem, and what can be installed against it. */
export interface Diagnosis extends Problem {
  /** Weights, by names that "Install Weights" takes. */
  readonly install?: string;
}
