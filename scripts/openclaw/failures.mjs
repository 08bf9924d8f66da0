// The six ways in which five of six accounts fail.
export const failures = [
  {
    id: 'plain429',
    name: '429',
    behave: { refuse: { status: 429, message: 'Rate limit reached', type: 'rate_limit_error', code: 'rate_limit' } },
  },
  {
    id: 'long429',
    name: '429, Retry-After: 7200',
    behave: {
      refuse: {
        status: 429,
        headers: { 'retry-after': '7200' },
        message: 'Rate limit reached',
        type: 'rate_limit_error',
        code: 'rate_limit',
      },
    },
    // The window that is to be booked.
    restsMs: 7_200_000,
  },
  {
    id: 'overloaded529',
    name: '529',
    behave: { refuse: { status: 529, message: 'Overloaded', type: 'overloaded_error', code: 'overloaded' } },
  },
  {
    id: 'refused401',
    name: '401',
    behave: {
      refuse: {
        status: 401,
        message: 'Incorrect API key provided',
        type: 'authentication_error',
        code: 'invalid_api_key',
      },
    },
  },
  {
    id: 'unpaid402',
    name: '402',
    behave: {
      refuse: { status: 402, message: 'insufficient credits', type: 'billing_error', code: 'insufficient_credits' },
    },
  },
  { id: 'hang', name: 'accepts and hangs', behave: { hang: true }, hangs: true },
];
