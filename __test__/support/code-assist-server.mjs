// The demo has it, so that it is in the package.
export * from '../../examples/demo/code-assist-server.mjs';
