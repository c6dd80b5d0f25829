import type { RecipeSummary } from '../kernel/protocol.ts';
import { RequestFailure } from './failures.ts';
import { weightsToInstall } from './weightsWords.ts';

/** Everything that keeps a recipe from running, a line for each, as one failure: missing weights can be installed. */
export function problemsFailure(problems: RecipeSummary['problems']): RequestFailure {
  const text = problems.map(({ message, line, column }) => `line ${line + 1}, column ${column + 1}: ${message}`).join('\n');
  return new RequestFailure(weightsToInstall(text) ? 'weights' : 'usage', text);
}
