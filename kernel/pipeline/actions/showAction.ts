import { KernelFailure } from '../../failure.ts';
import type { ShowAction } from '../../recipe/actions.ts';
import type { ActionOutcome } from '../../recipe/outcome.ts';
import type { ActionJob } from './actionJob.ts';
import { outcomeOf } from './illustrated.ts';
import { fileOf, linked, mediaKind, relativePath, type ActionFile } from './named.ts';
import { shownClip, shownFrame, shownPicture } from './shownMedia.ts';

/** Shows a file, and beside it another: of what an action restored, its original where nothing else is said. */
export async function runShow({ show, beside, frame }: ShowAction, job: ActionJob): Promise<ActionOutcome> {
  const file = fileOf(show, job);
  const other = beside === undefined ? originalOf(file) : fileOf(beside, job);
  const kind = await mediaKind(file);
  if (other && (await mediaKind(other)) !== kind) throw new KernelFailure('usage', `${file.path} is a ${kind} and ${other.path} is none: they cannot lie under one line`);
  if (kind === 'picture' && frame !== undefined) throw new KernelFailure('usage', `${file.path} is a picture: it has no frame ${frame}; leave 'frame' away`);
  const pair = { after: file.path, before: other?.path };
  const shown = await (kind === 'picture' ? shownPicture(pair, job) : frame === undefined ? shownClip(pair, job) : shownFrame(pair, frame, job));
  return outcomeOf('show', [shown], { links: [file, ...(other ? [other] : [])].map(({ path }) => linked(relativePath(path, job), path, job)) });
}

/** A walk without files stands for what it walked in: there is nothing to compare that with. */
function originalOf({ path, restored }: ActionFile): ActionFile | undefined {
  return restored && restored.from !== path ? { path: restored.from } : undefined;
}
