import { strict as assert } from 'node:assert';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { sentence } from '../../extension/editorWords.ts';
import { fileWords, importedWords, installedWords, verifiedWords, weightsProgressText, weightsToInstall } from '../../extension/weightsWords.ts';
import type { ListedFile, VerifiedFile } from '../../kernel/protocol.ts';
import { messageOf } from '../../kernel/failure.ts';
import { findModel } from '../../kernel/weights/catalog.ts';
import { intactFile } from '../../kernel/weights/installed.ts';
import { inFolder } from '../cli/command.ts';
import { smallWeights } from '../weights/smallWeights.ts';

describe('what the extension says of weights', () => {
  const listed: ListedFile = {
    id: 'a', file: 'a.pth', title: 'A', purpose: 'does it', address: 'https://x/a.pth', network: 'parsenet', licence: 'mit', size: { bytes: 85e6, exact: true }, state: 'missing', bytes: 0, convertedBytes: 0,
  };

  it('progress is put into words with the time left', () => {
    assert.deepEqual(weightsProgressText({ stage: 'downloading', file: 'a.pth', done: 30e6, total: 120e6, secondsLeft: 200 }), { text: 'a.pth: 30 MB of 120 MB, 3 min left', done: 0.25 });
    assert.deepEqual(weightsProgressText({ stage: 'converting', file: 'a.pth', done: 0.407 }), { text: 'a.pth: converting, 40 %', done: 0.407 });
    assert.match(weightsProgressText({ stage: 'retrying', file: 'a.pth', why: 'the connection broke', seconds: 4 }).text, /the connection broke; trying again in 4 s/);
  });

  it('each state of a file has its words', () => {
    assert.match(fileWords(listed, undefined).description, /not installed, 85 MB/);
    assert.match(fileWords({ ...listed, size: { bytes: 85e6, exact: false }, state: 'begun', bytes: 20e6 }, undefined).description, /20 MB of about 85 MB/);
    const installed = { sha256: 'x', published: 'other', source: '/a', at: '' } as const;
    assert.match(fileWords({ ...listed, state: 'installed', bytes: 85e6, convertedBytes: 80e6, installed }, undefined).description, /85 MB and 80 MB converted, not the published file/);
  });

  it('a check is summed up', () => {
    const intact = (file: string, reconverted = 0): VerifiedFile => ({ status: 'intact', id: file, file, sha256: 'x', published: 'same', reconverted });
    assert.match(verifiedWords([intact('a'), intact('b')]), /All 2 .*as installed, 2 of them as published\.$/);
    assert.match(verifiedWords([intact('a', 2), intact('b')]), /Converted networks that were damaged: 2; they are converted again/);
    assert.match(verifiedWords([intact('a'), { status: 'damaged', id: 'b', file: 'b.pth', why: '' }]), /Damaged: b\.pth/);
    assert.match(verifiedWords([{ status: 'missing', id: 'c', file: 'c.pth', why: '', inTheWay: false }, { status: 'damaged', id: 'b', file: 'b.pth', why: '' }]), /Missing: c\.pth\. Damaged: b\.pth/);
  });

  it('what came of an install names each file that cannot be had, and why', () => {
    assert.equal(installedWords({ installed: [listed, { ...listed, file: 'b.pth' }], failed: [] }), 'Installed: a.pth, b.pth.');
    const failed = [{ id: 'c', file: 'c.pth', why: 'https://x/c.pth is not there (status 404)' }, { id: 'd', file: 'd.pth', why: 'd.pth could not be downloaded: let DIFFACE_FFMPEG be' }];
    assert.equal(installedWords({ installed: [listed], failed }), 'Installed: a.pth. Not installed: c.pth: https://x/c.pth is not there (status 404). Not installed: d.pth could not be downloaded: let DIFFACE_FFMPEG be.');
    assert.doesNotMatch(installedWords({ installed: [], failed: failed.slice(0, 1) }), /Installed/);
    const untried = ['e', 'f'].map((id) => ({ id, file: `${id}.pth`, why: '', unreachable: 'x:81' }));
    assert.equal(installedWords({ installed: [], failed: [...failed.slice(0, 1), ...untried] }), 'Not installed: c.pth: https://x/c.pth is not there (status 404). x:81 could not be reached, so e.pth, f.pth were not tried.');
  });

  it('what came of an import names what is not the published file, and what cannot be imported', () => {
    const [same, other] = [{ id: 'a', file: 'a.pth', from: '/x', published: 'same' }, { id: 'b', file: 'b.pth', from: '/y', published: 'other' }] as const;
    assert.equal(importedWords({ imported: [same], failed: [], unconverted: [] }), 'Imported: a.pth.');
    assert.equal(importedWords({ imported: [same, other], failed: [{ path: '/z', why: '/z is none of the official files' }], unconverted: [] }), 'Imported: a.pth, b.pth. b.pth: not the published file, but of the right shape. Not imported: /z is none of the official files.');
    assert.equal(importedWords({ imported: [], failed: [], unconverted: [] }), 'No official weights were found.');
    assert.equal(importedWords({ imported: [same], failed: [], unconverted: [{ file: 'a.pth', why: 'the disk is full' }] }), 'Imported: a.pth. a.pth could not be converted: the disk is full.');
  });

  it('failures of the kernel that weights help against are known by what they say, and name no command of a terminal', () => inFolder(async (folder) => {
    const before = process.env['DIFFACE_WEIGHTS'];
    process.env['DIFFACE_WEIGHTS'] = folder;
    try {
      const missing = await findModel('difface').then(() => '', messageOf);
      assert.deepEqual(weightsToInstall(missing), { names: ['difface'], repair: false });
      assert.doesNotMatch(sentence(missing), /difface weights/);
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, 'DIFFACE_WEIGHTS');
      else process.env['DIFFACE_WEIGHTS'] = before;
    }
    const { content, entry } = await smallWeights(folder);
    await writeFile(`${folder}/small.pth`, content.subarray(0, 5000));
    const damaged = await intactFile(entry(), folder).then(() => '', messageOf);
    assert.deepEqual(weightsToInstall(damaged), { names: ['small'], repair: true });
    assert.doesNotMatch(sentence(damaged), /difface weights/);
    assert.equal(weightsToInstall('the disk is full'), undefined);
  }));
});
