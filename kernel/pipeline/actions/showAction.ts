import type { ShowAction } from '../../recipe/actions.ts';
import type { ActionOutcome } from '../../recipe/outcome.ts';
import { refuseBeside, refuseFrame } from '../fileRefusals.ts';
import type { ActionJob } from './actionJob.ts';
import { outcomeOf } from './illustrated.ts';
import { fileOf, linked, mediaKind, originalOf, relativePath } from './named.ts';
import { shownClip, shownFrame, shownPicture } from './shownMedia.ts';

/** Shows a file, and beside it another: of what an action restored, its original where nothing else is said. */
export async function runShow({ show, beside, frame }: ShowAction, job: ActionJob): Promise<ActionOutcome> {
  const file = fileOf(show, job);
  const other = beside === undefined ? originalOf(file) : fileOf(beside, job);
  const kind = await mediaKind(file);
  refuseBeside({ path: file.path, kind }, other && { path: other.path, kind: await mediaKind(other) }, { ...(beside === undefined ? {} : { beside }) });
  refuseFrame({ path: file.path, kind }, frame);
  const pair = { after: file.path, before: other?.path };
  const shown = await (kind === 'picture' ? shownPicture(pair, job) : frame === undefined ? shownClip(pair, job) : shownFrame(pair, frame, job));
  return outcomeOf('show', [shown], { links: [file, ...(other ? [other] : [])].map(({ path }) => linked(relativePath(path, job), path, job)) });
}
