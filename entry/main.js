'use strict';
// The package's main entry: the native part, or an error that says what is missing and how to go on.

try {
  // Written like this so that Node finds the names for `import { … }` in the generated loader.
  module.exports = require('../index.js');
  module.exports.createFailover = require('./handle/index.js').createFailover;
} catch (cause) {
  throw require('./unavailable.js').describe(cause);
}
