/** Seconds as people read them: `0:04`, `1:02:03`, with thousandths `00:04.933`. */
export function timecode(seconds: number, thousandths = false): string {
  const whole = thousandths ? Math.floor(seconds + 0.0005) : Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const fraction = thousandths ? `.${String(Math.round((seconds - Math.floor(seconds + 0.0005)) * 1000) % 1000).padStart(3, '0').replace('-', '0')}` : '';
  const clock = `${hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : minutes}:${String(rest).padStart(2, '0')}`;
  return clock + fraction;
}
