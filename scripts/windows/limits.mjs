// What Wine cannot do, and Windows can: the tests that it fails, each with the reason. A test that is named here and passes
// is told, so that the list gets shorter.
const SYMLINKS = 'a link into another folder of the host cannot be made (ENOTSUP)';
const PI = 'pi loads a native part of its own, which npm installs for the system that it runs on';

/** By file: the name of a test, or of a suite for all in it, and why. */
export const LIMITS = {
  '__test__/host/pi-command.test.mjs': {
    "the operator's settings win over what pi passes; headers of both are sent": SYMLINKS,
  },
  '__test__/host/pi-extension.test.mjs': {
    'the drop-in file, the package installed beside it': SYMLINKS,
    'the package as a folder of extensions/': SYMLINKS,
    'the thinking level of the session reaches the server': SYMLINKS,
  },
};

/** Files that are not run: no part of them can pass. */
export const LEFT_OUT = {
  '__test__/host/attempts.test.mjs': PI,
  '__test__/host/gateway.test.mjs': PI,
  '__test__/host/quota.test.mjs': PI,
};
