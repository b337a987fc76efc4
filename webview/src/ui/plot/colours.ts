// CSS colours as a canvas understands them: variables, mixtures and system colours resolved in an element's place.

/** Resolves colours as they are where `host` stands; take a new one after the theme has changed. */
export function colourResolver(host: HTMLElement): (colour: string) => string {
  const known = new Map<string, string>();
  return (colour) => {
    const found = known.get(colour);
    if (found !== undefined) return found;
    const probe = host.appendChild(document.createElement('span'));
    // Forced colours replace what is asked for, except where they are told not to.
    probe.style.forcedColorAdjust = 'none';
    probe.style.color = colour;
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    known.set(colour, resolved);
    return resolved;
  };
}

/** A colour let through in part, 0 to 1. */
export function faded(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
}
