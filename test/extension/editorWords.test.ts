import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { inEditorWords, sentence } from '../../extension/editorWords.ts';
import { literally } from '../../kernel/recipe/language/words.ts';
import { root } from '../cli/command.ts';

/** All messages of failures in the kernel as they stand in its sources. */
function messages(): readonly string[] {
  const folder = join(root, 'kernel');
  const sources = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith('.ts') && !/^cli\b/.test(name));
  return sources.flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/new KernelFailure\('\w+', (?:`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)'|"([^"]*)")/g)].map(([, template, single, double]) => template ?? single ?? double ?? ''));
}

describe('the words of the editor', () => {
  it('take the place of everything in the kernel\'s messages that belongs to a terminal', () => {
    const all = messages();
    assert.ok(all.length > 60, `${all.length} messages were found`);
    // names that are put in: DIFFACE_${program}, --${option}
    const filled = all.map((text) => text.replace('${program.toUpperCase()}', 'FFPROBE').replaceAll(/--\$\{[^}]*\}/g, '--start'));
    assert.deepEqual(filled.map(inEditorWords).filter((text) => /(?<![\w-])--[a-z]|DIFFACE_|'difface |npm run/.test(text)), []);
    assert.ok(filled.some((text) => text.includes('DIFFACE_FFPROBE')) && filled.some((text) => /--[a-z]/.test(text)), 'the pattern finds what it looks for');
  });

  it('say of the sample model what an installed extension has, in a line that is not cut', () => {
    const { notice } = JSON.parse(readFileSync(join(root, 'samples', 'model', 'model.json'), 'utf8')) as { notice: string };
    assert.match(notice, /'difface weights'/);
    assert.match(inEditorWords(notice), /^The sample model knows drawn faces only.*Manage Model Weights/);
    assert.doesNotMatch(inEditorWords(notice), /difface/);
    assert.ok(inEditorWords(notice).length < 110);
  });

  it('are found in what hovers say, too, where Markdown needs signs before hyphens', () => {
    const said = "the CUDA libraries are not installed; 'difface devices install-cuda' fetches them";
    assert.equal(inEditorWords(literally(said)), inEditorWords(said));
    assert.match(inEditorWords(said), /Install CUDA Libraries/);
  });

  it('name the fields and settings that help', () => {
    assert.equal(inEditorWords('the sampler ddpm takes one step for each index from --start 68 down to 0; give a smaller --start instead of --steps 2'), 'the sampler ddpm takes one step for each index from Start 68 down to 0; give a smaller Start instead of Steps 2');
    assert.match(inEditorWords('DIFFACE_FFPROBE names /opt/x y/ffprobe, which does not run; correct it or unset it'), /^\/opt\/x y\/ffprobe, .*difface\.ffmpegPath/);
    assert.match(inEditorWords('/a/b.png cannot be written: the disk is full; make room or choose another folder with --output'), /another folder in the setting difface\.outputFolder$/);
  });

  it('name no variable of a terminal where weights or converted networks cannot be written', () => {
    assert.equal(inEditorWords('/w/a.pth cannot be written: /w lies on a disk that can only be read; let DIFFACE_WEIGHTS name another folder'), '/w/a.pth cannot be written: /w lies on a disk that can only be read');
    assert.equal(inEditorWords('/c/models: the disk is full; make room and try again, or set DIFFACE_CACHE to another folder'), '/c/models: the disk is full; make room and try again');
    assert.match(inEditorWords("the option 'suffix' is out of range: a word is expected"), /^the setting difface\.outputSuffix is out of range: a word is expected$/);
    assert.match(inEditorWords('--output names a folder, and /a/b is a file; give a folder: the result takes its name from the original, with --suffix in it'), /^the setting difface\.outputFolder names a folder, and \/a\/b is a file; give a folder: .* original$/);
  });

  it('leave names of files alone, and end as a sentence', () => {
    assert.equal(sentence('/photos/a--start.png is empty'), '/photos/a--start.png is empty.');
    assert.equal(sentence('is it?'), 'Is it?');
  });
});
