'use strict';
// Lines of the gateway's own kind, by its own logger. None of them holds a secret: what is written are ids, reasons and
// times.

const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'];

function createLog(logger, level) {
  const last = LEVELS.indexOf(level);
  const said = new Set();
  const at = (name) => (text) => {
    if (LEVELS.indexOf(name) <= last) logger?.[name]?.(`auth-failover: ${text}`);
  };
  const warn = at('warn');
  return {
    warn,
    info: at('info'),
    debug: at('debug'),
    warnOnce(text) {
      if (said.has(text)) return;
      said.add(text);
      warn(text);
    },
  };
}

module.exports = { createLog };
