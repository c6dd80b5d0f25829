/** Tells how far the pointer was dragged since it was told last, in CSS pixels. */
export function dragging(element: HTMLElement, move: (dx: number, dy: number) => void): void {
  element.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return;
    element.setPointerCapture(event.pointerId);
    let last = { x: event.clientX, y: event.clientY };
    const moved = (now: PointerEvent): void => {
      move(now.clientX - last.x, now.clientY - last.y);
      last = { x: now.clientX, y: now.clientY };
    };
    element.addEventListener('pointermove', moved);
    element.addEventListener('lostpointercapture', () => {
      element.removeEventListener('pointermove', moved);
    }, { once: true });
  });
}
