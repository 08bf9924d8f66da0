// What Wine cannot do, and Windows can: the tests that it fails, each with the reason. A test that is named here and passes
// is told, so that the list gets shorter.
/** By file: the name of a test, or of a suite for all in it, and why. */
export const LIMITS = {};

/** Files that are not run: no part of them can pass. */
export const LEFT_OUT = {};
