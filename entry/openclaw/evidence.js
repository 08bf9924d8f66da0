'use strict';
// What the gateway's transport says of a failure, as the facts that the classifier reads.

/** The transport writes the header into its text; there it is as good as the header. */
const RETRY_AFTER = /; Retry-After: (\d+(?:\.\d+)?) seconds$/;
/** SDKs begin their messages with it; a code beside it is the provider's own word where it has one. */
const STATUS = /^([45]\d\d)[: ]/;

/** The failure that a transport's last event tells, as something to throw. */
function thrownOf(message) {
  const text = String(message.errorMessage ?? 'the request failed');
  const error = new Error(text.replace(RETRY_AFTER, ''));
  const status = /^[45]\d\d$/.exec(String(message.errorCode ?? ''))?.[0] ?? STATUS.exec(text)?.[1];
  if (status) error.status = Number(status);
  if (message.errorCode && message.errorCode !== status) error.code = message.errorCode;
  if (message.errorType) error.type = message.errorType;
  if (message.errorBody) error.body = message.errorBody;
  const wait = RETRY_AFTER.exec(text)?.[1];
  if (wait) error.headers = { 'retry-after': wait };
  return error;
}

module.exports = { thrownOf };
