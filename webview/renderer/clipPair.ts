import type { Embedded, Shown } from '../protocol.ts';
import { timecode } from '../timeline/timecode.ts';
import { addWipe, pictureRoom } from './beforeAfter.ts';
import { addressOf } from './embedded.ts';

/** Seconds by which two clips may differ before one is set right. */
const apart = 0.04;

/** A clip, with its original to the left of a line; both run in step, without sound, round and round. */
export function clipPair({ after, before, poster, seconds, text, title }: Shown & { readonly kind: 'clip' }): readonly HTMLElement[] {
  const room = pictureRoom(after);
  room.setAttribute('role', 'group');
  room.setAttribute('aria-label', text);
  const video = videoOf(after, addressOf(poster));
  const other = before && videoOf(before, '');
  room.append(video);
  if (other) addWipe(room, other);

  const bar = document.createElement('div');
  bar.className = 'transport';
  const play = document.createElement('button');
  play.className = 'tool';
  const at = document.createElement('input');
  const time = document.createElement('span');
  time.className = 'number';
  Object.assign(at, { type: 'range', min: '0', max: String(seconds), step: '0.001', value: '0' });
  at.setAttribute('aria-label', `Time in ${title === '' ? 'the clip' : title}`);
  bar.append(play, at, time);

  const follow = (): void => {
    if (other && Math.abs(other.currentTime - video.currentTime) > apart && !other.seeking) other.currentTime = video.currentTime;
    at.value = String(video.currentTime);
    time.textContent = `${timecode(video.currentTime, true)} / ${timecode(seconds, true)}`;
    at.setAttribute('aria-valuetext', time.textContent);
  };
  const draw = (): void => {
    play.innerHTML = video.paused ? playIcon : pauseIcon;
    play.title = video.paused ? 'Play' : 'Pause';
    play.setAttribute('aria-label', play.title);
  };
  const tick = (): void => {
    follow();
    if (!video.paused && video.isConnected) requestAnimationFrame(tick);
  };
  play.addEventListener('click', () => {
    if (video.paused) {
      void video.play().catch(() => undefined);
      void other?.play().catch(() => undefined);
    } else {
      video.pause();
      other?.pause();
    }
  });
  at.addEventListener('input', () => {
    video.currentTime = Number(at.value);
    if (other) other.currentTime = video.currentTime;
  });
  video.addEventListener('play', () => {
    draw();
    tick();
  });
  video.addEventListener('pause', draw);
  video.addEventListener('seeked', follow);
  draw();
  follow();
  return [room, bar];
}

function videoOf(clip: Embedded, poster: string): HTMLVideoElement {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, loop: true, playsInline: true, preload: 'auto', disablePictureInPicture: true, src: addressOf(clip) });
  if (poster !== '') video.poster = poster;
  video.tabIndex = -1;
  return video;
}

const playIcon = '<svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true"><path d="M4 2.5v11l9-5.5z"/></svg>';
const pauseIcon = '<svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true"><path d="M4 2.5h3v11H4zM9 2.5h3v11H9z"/></svg>';
