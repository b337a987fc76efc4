// Drawing at most once a frame, and not at all while nobody can see the page.

/** @returns a function that asks for a drawing; many calls in one frame make one drawing */
export function onceAFrame(draw: () => void): () => void {
  let asked = false;
  const run = () => {
    asked = false;
    draw();
  };
  const ask = () => {
    if (asked) return;
    asked = true;
    if (!document.hidden) requestAnimationFrame(run);
  };
  document.addEventListener('visibilitychange', () => {
    // What was asked for while the page was hidden is drawn once, when it is seen again.
    if (!document.hidden && asked) requestAnimationFrame(run);
  });
  return ask;
}
