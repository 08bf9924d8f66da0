// A plugin of the gateway for a provider of its own, with hooks that must still act when ours serves the provider.
module.exports.default = {
  id: 'acme',
  register(api) {
    api.registerCliBackend({ id: 'acme-cli' });
    api.registerProvider({
      id: 'acme',
      label: 'Acme',
      normalizeResolvedModel: (ctx) => ({ ...ctx.model, isNormalized: true }),
      wrapStreamFn: (ctx) => (model, context, options) =>
        ctx.streamFn(model, context, { ...options, headers: { ...options.headers, 'x-acme-beta': 'on' } }),
    });
  },
};
