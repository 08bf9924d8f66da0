'use strict';
// An entry that never throws, for hosts that keep their own JavaScript where there is no native part.

function whyUnsupported() {
  try {
    require('./main.js');
    return null;
  } catch (error) {
    return error;
  }
}

exports.isSupported = () => whyUnsupported() === null;
exports.whyUnsupported = whyUnsupported;
