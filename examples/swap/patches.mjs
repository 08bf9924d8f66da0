// What the swap changes in a host, as pure functions from text to text. The hosts that are known have one file for each
// source module; later ones are bundled, and have other ways in (see README).

/** Every host that the swap knows, and what its files must be before anything is changed. */
export const hosts = {
  clawdbot: '2026.1.24-3',
  openclaw: '2026.1.29',
};

/** Path in the host, the SHA-256 that it must have, and the change. Both hosts have the same two files. */
export const targets = [
  {
    path: 'dist/agents/auth-profiles.js',
    sha256: '3313c5159fd4ecfd83e70e17c8bdd87a660050ebbd08db2d45ad0265273e6935',
    change: swapProfileFunctions,
  },
  {
    path: 'dist/agents/pi-embedded-runner/extra-params.js',
    sha256: '157a4e74588b7fb681e658424e2fdf02ac10e3134f4cc603ff273b51c7a60434',
    change: swapGeminiCliRequest,
  },
];

/**
 * The exports that are replaced, by the module that has them. `upsertAuthProfile` stays the host's: its callers do not
 * await it.
 */
export const replaced = {
  order: ['resolveAuthProfileOrder'],
  profiles: ['listProfilesForProvider', 'markAuthProfileGood', 'setAuthProfileOrder'],
  usage: [
    'calculateAuthProfileCooldownMs',
    'clearAuthProfileCooldown',
    'isProfileInCooldown',
    'markAuthProfileCooldown',
    'markAuthProfileFailure',
    'markAuthProfileUsed',
    'resolveProfileUnusableUntilForDisplay',
  ],
};

// `require`, because it fails where it stands: a host whose addon was removed goes on with its own functions. A static
// import would end the host, and a top-level await would keep it from being required.
const loadNative = (otherwise) => `import { createRequire as createRequireForSwap } from "node:module";
const native = (() => {
    try {
        return createRequireForSwap(import.meta.url)("auth-failover");
    }
    catch (error) {
        ${otherwise}return {};
    }
})();
`;

const warn = `process.emitWarning("auth-failover does not load, so the host's own functions stay: " + error.message, {
            code: "AUTH_FAILOVER_NOT_LOADED",
        });
        `;

function swapProfileFunctions(text) {
  const names = new Set(Object.values(replaced).flat());
  const kept = text.replace(/export \{([^}]*)\} from ("[^"]*");\n/g, (_, list, from) => {
    const rest = list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !names.has(name));
    return rest.length === 0 ? '' : `export { ${rest.join(', ')} } from ${from};\n`;
  });
  const modules = Object.keys(replaced).map((module) => `import * as ${module} from "./auth-profiles/${module}.js";\n`);
  const exports = Object.entries(replaced).flatMap(([module, list]) =>
    list.map((name) => `export const ${name} = native.${name} ?? ${module}.${name};\n`),
  );
  return [kept, ...modules, loadNative(warn), ...exports].join('');
}

// Where the host gives an agent its stream function: ours goes under it, so that its own wrappers still apply. Only for
// Gemini CLI accounts: Antigravity's endpoints expect that program to introduce itself, and this package imitates nobody.
// With the default text of a 429, pi's session would ask the same account three more times before the host rotates.
const geminiCliRequest = `function withFailFastGeminiCli(hostStreamFn) {
    const request = native.streamSimpleGoogleGeminiCli;
    if (!request)
        return hostStreamFn;
    const others = hostStreamFn ?? streamSimple;
    return (model, context, options) => model.api === "google-gemini-cli" && model.provider === "google-gemini-cli"
        ? request(model, context, { ...options, rateLimitText: "quota" })
        : others(model, context, options);
}
`;

function swapGeminiCliRequest(text) {
  const head = 'export function applyExtraParamsToAgent(agent, cfg, provider, modelId, extraParamsOverride) {\n';
  const swapped = text.replace(head, `${head}    agent.streamFn = withFailFastGeminiCli(agent.streamFn);\n`);
  return [swapped, loadNative(''), geminiCliRequest].join('');
}
