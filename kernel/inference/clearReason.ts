/**
 * What the runtime says of a failure, as far as a person can use it: the first sentence, without its sources' lines and without folders.
 * @param said one line
 */
export function clearReason(said: string): string {
  const cause = said
    .replace(/^Cannot load \S+ on [\w:]+: /, '')
    .replace(/^Running \S+ failed: /, '')
    .replace(/^.* was false\. /, '')                                    // the condition in the source that did not hold
    .replace(/^.*\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    .replace(/\S+\.(?:cc|cpp|cu|h):\d+ \S+ (?:\S*::)*\S+\([^)]*\) ?/g, '')
    .replace(/^OrtSessionOptions\w+: /, '')
    .replace(/(?:[A-Za-z]:)?(?:[\\/][\w.+@~-]+)*[\\/]([\w.+@~-]+)/g, '$1');
  const sentence = /^.*?[^\d.](?=\. |\.?$)/.exec(cause)?.[0].trim() ?? '';
  return sentence === '' ? 'its trial failed' : sentence;
}
