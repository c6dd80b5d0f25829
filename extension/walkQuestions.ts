import { parse, join } from 'node:path';
import { requests, type HandedOver, type RestoreRequest, type WalkRef } from '../kernel/protocol.ts';
import type { FromWebview, Question } from '../webview/protocol.ts';
import type { KernelView } from './kernelView.ts';
import type { MediaDocument } from './mediaDocument.ts';
import { branchPart } from './resultName.ts';
import { deviceSetting } from './settings.ts';
import { without } from './without.ts';

const aboutWalks = ['walk', 'previews', 'state', 'statePicture', 'branches', 'nameBranch', 'seedMap', 'blended', 'grid'] as const;
export type WalkQuestion = Extract<Question, { readonly what: (typeof aboutWalks)[number] }>;
export type WalkExport = Extract<FromWebview, { readonly kind: 'exportWalk' | 'exportGrid' }>;

/** What the kernel says, and the file with its numbers where there are any. */
export interface WalkAnswer {
  readonly result: unknown;
  readonly handed?: HandedOver;
}

export function isAboutWalks(question: Question): question is WalkQuestion {
  return aboutWalks.some((what) => what === question.what);
}

/** Asks the kernel about the walks of a document. What has to be computed waits in the queue and can be cancelled. */
export async function askAboutWalk(question: WalkQuestion, document: MediaDocument, view: KernelView): Promise<WalkAnswer> {
  const options = trunkOptions(document.state.options);
  const device = deviceSetting();
  switch (question.what) {
    case 'walk': {
      const { walk, compute } = question;
      const kept = await view.request(requests.walk, { options, walk, compute: false, job: 'kept', device });
      if (kept || !compute) return { result: kept };
      return { result: await document.jobs.walk(titleOf('Walking', walk, document), (job, signal) => view.request(requests.walk, { options, walk, compute, job, device }, signal)) };
    }
    case 'previews':
      return withFile(await view.request(requests.previews, { options, walk: question.walk }));
    case 'state':
      return withFile(await view.request(requests.state, { options, walk: question.walk, state: question.state, order: question.order }));
    case 'statePicture':
      return withFile(await view.request(requests.statePicture, { options, walk: question.walk, state: question.state, order: question.order }));
    case 'branches':
      return { result: await view.request(requests.branches, { options, of: question.of }) };
    case 'nameBranch':
      return { result: await view.request(requests.nameBranch, { options, walk: question.walk, name: question.name }) };
    case 'seedMap': {
      const { walk, seeds } = question;
      return withFile(await document.jobs.walk(titleOf('Mapping seeds of', walk, document), (job, signal) => view.request(requests.seedMap, { options, walk, seeds, job, device }, signal)));
    }
    case 'blended':
      return withFile(await view.request(requests.blended, { options, walk: question.walk, seeds: question.seeds, above: question.above, job: 'blended', device }));
    case 'grid': {
      const { walk, first, last, rows } = question;
      return withFile(await document.jobs.walk(titleOf('Walking frames of', walk, document), (job, signal) => view.request(requests.grid, { options, walk, first, last, rows, job, device }, signal)));
    }
    default:
      return question satisfies never;
  }
}

/** Writes a walk or a grid beside the original, or where the options say. */
export async function exportFromWalk(asked: WalkExport, document: MediaDocument, view: KernelView): Promise<void> {
  const { walk } = asked;
  const options = trunkOptions(document.state.options);
  const { dir, name } = parse(document.source);
  const stem = join(document.state.options.output ?? dir, `${name}.face-${walk.face}`);
  const device = deviceSetting();
  await document.jobs.exportWalk(titleOf('Exporting the walk of', walk, document), async (job, signal) => {
    if (asked.kind === 'exportGrid') {
      return (await view.request(requests.exportGrid, { options, walk, first: asked.first, last: asked.last, rows: asked.rows, wanted: `${stem}.grid.png`, job, device }, signal)).path;
    }
    const frame = (await view.open()).kind === 'clip' ? `.frame-${walk.frame + 1}` : '';
    const branches = walk.turns.length === 0 ? [] : await view.request(requests.branches, { options, of: { face: walk.face, frame: walk.frame } });
    return (await view.request(requests.exportWalk, { options, walk, formats: asked.formats, wanted: `${stem}${frame}${branchPart(walk.turns, branches)}.trajectory`, job, device }, signal)).path;
  });
}

/** The options without what turns a walk: a walk names its own turns. */
function trunkOptions(options: RestoreRequest): RestoreRequest {
  return without(options, 'branches', 'blend');
}

function titleOf(doing: string, { face }: WalkRef, { name }: MediaDocument): string {
  return `${doing} face ${face} of ${name}`;
}

function withFile({ file, lasting, ...result }: HandedOver): WalkAnswer {
  return { result, handed: lasting ? { file, lasting } : { file } };
}
