// How a script reports that needs no simulator.

/** Says what holds; ends the script if it does not. */
export function check(what, holds, ...shown) {
  if (!holds) {
    console.error(`FAILED: ${what}:`, ...shown);
    process.exit(1);
  }
  console.log(`ok: ${what}`);
}
