import { z } from 'zod';
import { actionKinds, actionMeanings, actionSchemas, type ActionKind } from '../../kernel/recipe/actions.ts';
import { wordsOf } from '../../kernel/recipe/words.ts';

const intro = `# Recipes

<!-- Made by \`npm run docs:recipes\` from the keys as kernel/recipe declares them: change them there. -->

A recipe says exactly what to restore and how. It is a short YAML 1.2 document, one action or a list of them, in a file \`*.difface\` or a cell of a notebook.

\`\`\`yaml
- restore: portrait.png
  sampler: ddim
  seed: 7
  as: portrait
- compare: $portrait
  seed: [1, 2, 3]
  eta: [0, 0.5, 1]
- measure: [portrait.png, $portrait]
  against: portrait.truth.png
\`\`\`

\`difface run portrait.difface\` runs all of it, \`--action 2\` or \`--line 5\` one action after those whose results it uses; \`--json\` prints everything that is shown. A document with a problem
does not run: every problem is told with its line and column. So is, before the first of the actions that are to run begins, what any of them would be refused for: files that are not there and that no earlier action writes, or that are no pictures and clips that can be read, files of two sizes that would be compared, missing models and weights,
folders that cannot be written, devices that cannot be used, options that contradict each other or do not fit the model, names whose results are of no use. The editor underlines the same as one types, but tries no devices and counts no frames.

- Paths are relative to the document's folder, wherever it is run from.
- \`as: name\` names a result, \`$name\` is it in later actions. For \`trajectory\` and \`compare\` the \`$name\` of a restoration means its original and its options; what the action says itself counts more.
  Another \`model\` brings its own sampler, start, steps and eta along, another \`sampler\` its own steps and eta.
- Originals are never overwritten: where a name is taken, \`name-2\` is written. What stands there already, made by the same, is not written again.
`;

/** What a table of keys cannot say. */
const remarks: Readonly<Record<ActionKind, string>> = {
  restore: `\`as\` names the result of one file; several files and folders have no common name.

A result that stands there is taken when its lockfile (\`name.restored.difface\`, written beside it) says that the same input, options, weights, versions and device made it, and when neither was changed since.
A lockfile is a recipe, too: where it runs again it finds its own result, and \`difface replay\` makes that again and compares. \`earlier\` under \`device\` names devices that failed in the middle, and had made
faces of it: such a result cannot be made again bit for bit by one device alone, and replaying says so before it computes. It also says where a lockfile was edited by hand: that alone does not make it fail. Whoever moves
the input names it anew behind \`restore\` and behind \`file\` of \`input\` under \`locked\`.`,
  trajectory: 'Shown are at most twelve states, evenly chosen, and how `predX0` moves over t. What the files hold is said in [trajectories.md](trajectories.md).',
  compare: `The longest list is the columns (of equal ones the first), the others are the rows; at most 100 cells. The crop is found and its estimate computed once, and cells that come to the same are one walk.
Where \`sampler\` is a list, those samplers that have no eta are computed without it, and \`ddpm\`, which takes every step below its start, without \`steps\`: a note says so. With one sampler that contradicts itself,
the action is refused. \`output\` writes the grid in full size as \`name.face-N.comparison.png\`.`,
  measure: `Faces are found and tracked in the reference, and without one in each file: all files are measured in the same places. The title of the table
says which faces, and in which file they were found; where each file has its own, notes do. Crops have 128, 256 or 512 px, whatever is nearest to the largest face. Of clips the
figures are means over faces and frames; frames that are equal to the reference have no PSNR and do not count, and where all are, it is ∞. Flicker is the root mean square over all of them, of luma. Sharpness is
the mean power of luma at periods below 16 px, under a Hann window; of a whole picture, in the largest square in its middle. Only files of one size, and clips with as many frames, are compared.`,
  show: 'Of clips at most the first ten seconds are shown, small; the files are linked.',
};

/** docs/recipes.md: the tables are what the schema says. */
export function recipeDocs(): string {
  return intro + actionKinds.map((kind) => `\n## ${kind}\n\n${actionMeanings[kind]}\n\n${table(kind)}\n${remarks[kind]}\n`).join('');
}

function table(kind: ActionKind): string {
  const rows = Object.entries<z.ZodType>(actionSchemas[kind].shape).flatMap(([name, schema]) => {
    const words = wordsOf(schema);
    if (!words) throw new Error(`the key '${name}' of '${kind}' is not declared`);
    const choices = Object.entries(words.choices ?? {}).map(([word, meaning]) => `\`${word}\`: ${meaning}`).join('; ');
    const meaning = [words.meaning, ...(choices === '' ? [] : [`${choices}.`]), ...(words.source === undefined ? [] : [`Source: ${words.source}.`])].join(' ');
    const otherwise = schema instanceof z.ZodExactOptional ? words.otherwise ?? 'none' : 'must be there';
    return [[`\`${name}\``, [valueWords(schema), ...(words.unit === undefined ? [] : [words.unit])].join('; '), otherwise, meaning]];
  });
  return ['| key | value | otherwise | meaning |', '|---|---|---|---|', ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`), ''].join('\n');
}

/** What values a schema takes, with their range. */
function valueWords(schema: z.ZodType): string {
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodReadonly) return valueWords(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodEnum) return schema.options.map((word) => `\`${String(word)}\``).join(', ');
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => `\`${String(value)}\``).join(', ');
  if (schema instanceof z.ZodBoolean) return '`true`, `false`';
  if (schema instanceof z.ZodNumber) return `${schema.isInt ? 'whole number' : 'number'}, ${schema.minValue ?? ''} to ${schema.maxValue ?? ''}`;
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodArray) return `list (${valueWords(schema.element as z.ZodType)})`;
  if (schema instanceof z.ZodUnion) return schema.options.map((one) => valueWords(one as z.ZodType)).join(' or ');
  if (schema instanceof z.ZodObject) return `mapping (${Object.keys(schema.shape).map((name) => `\`${name}\``).join(', ')})`;
  throw new Error(`there are no words for the values of ${schema.def.type}`);
}
