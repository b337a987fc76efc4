// Figures as the dataset page writes them.

/** 0.341 -> "34 %"; nothing unfinished is called 100 %. */
export function share(value: number): string {
  const percent = Math.floor(value * 100);
  return `${Math.max(0, Math.min(percent, value < 1 ? 99 : 100))} %`;
}
