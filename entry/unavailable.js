'use strict';
// Turns the generated loader's failure into an error that a person can act on. Its own text speaks of npm's faults only.

const { name, version } = require('../package.json');

const SUPPORTED = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'linux-x64-gnu',
  'linux-x64-musl',
  'win32-arm64-msvc',
  'win32-x64-msvc',
];

function thisPlatform() {
  const { platform, arch } = process;
  if (platform === 'win32') return `${platform}-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  return `${platform}-${arch}-${usesGlibc() ? 'gnu' : 'musl'}`;
}

function usesGlibc() {
  // The report asks the network for its interfaces unless told otherwise, which can take seconds.
  const { excludeNetwork } = process.report;
  process.report.excludeNetwork = true;
  try {
    return Boolean(process.report.getReport().header.glibcVersionRuntime);
  } finally {
    process.report.excludeNetwork = excludeNetwork;
  }
}

/** Why the platform's package is no help: the loader's own error keeps only texts. */
function faultOf(packageName) {
  try {
    require.resolve(packageName);
  } catch {
    return { problem: 'package-missing' };
  }
  try {
    require(packageName);
    return { problem: 'load-failed' };
  } catch (error) {
    return { problem: 'load-failed', error };
  }
}

function adviceFor(problem, packageName, cause) {
  if (problem === 'unsupported-platform')
    return 'There is no build for it; building from source needs Rust (see README).';
  if (problem === 'load-failed') return `${packageName} is installed, but does not load: ${cause.message}`;
  return (
    `The package ${packageName} is not installed: install ${name} again without --omit=optional or --no-optional, ` +
    `or run: npm install ${packageName}@${version}`
  );
}

/** The error for a failure of the generated loader. */
exports.describe = function describe(loaderError) {
  const platform = thisPlatform();
  const packageName = SUPPORTED.includes(platform) ? `${name}-${platform}` : null;
  const { problem, error } = packageName ? faultOf(packageName) : { problem: 'unsupported-platform' };
  const cause = error ?? loaderError;
  const text = [
    `${name} has no native part on ${platform}.`,
    adviceFor(problem, packageName, cause),
    `Supported: ${SUPPORTED.join(', ')}.`,
    `To go on without it, ask isSupported() of '${name}/supported' before importing '${name}'.`,
  ].join('\n');
  return Object.assign(new Error(text, { cause }), {
    code: 'ERR_NATIVE_UNAVAILABLE',
    problem,
    platform,
    packageName,
    supported: [...SUPPORTED],
  });
};
