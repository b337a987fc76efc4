// What a check found, a line each; the process ends with 1 where anything does not hold.

/** Prints whether something holds, and remembers it where not. */
export function check(holds: boolean, line: string): void {
  if (!holds) process.exitCode = 1;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${line}`);
}
