// Is there an order, one operation after the other, that explains what each operation returned?
//
// A history is a list of processes, each a list of operations in the order in which it made them:
// { kind, stamp, call, end, value, isLost }. Between `call` and `end` the operation took effect, at one moment. One
// that `isLost` had no answer, because its process died; it took effect before `end`, or never.

/** What an operation makes of a profile's entry, and what it answers. */
export function apply(state, { kind, stamp }) {
  switch (kind) {
    case 'failure': {
      const next = { ...state, errorCount: (state?.errorCount ?? 0) + 1, lastFailureAt: stamp };
      return [next, next];
    }
    case 'used': {
      const next = { ...state, errorCount: 0, lastUsed: stamp };
      return [next, next];
    }
    case 'clear': {
      // Nothing to clear: no entry appears.
      const next = state && { ...state, errorCount: 0 };
      return [next, next];
    }
    case 'read':
      return [state, state];
    default:
      throw new Error(`unknown operation ${kind}`);
  }
}

const text = (value) => `${value?.errorCount},${value?.lastFailureAt},${value?.lastUsed}`;

/** Finds an order, or answers null. Depth first, and no state of the search is entered twice. */
export function linearize(processes) {
  const seen = new Set();
  const stack = [{ at: processes.map(() => 0), state: undefined, order: null }];
  while (stack.length > 0) {
    const { at, state, order } = stack.pop();
    const key = `${at.join()}|${text(state)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const heads = processes.map((operations, index) => operations[at[index]]);
    if (heads.every((head) => head === undefined)) return path(order);
    // Whoever began after another one had ended comes after it.
    const limit = heads.reduce(
      (least, head) => (head && head.end < least ? head.end : least),
      Number.POSITIVE_INFINITY,
    );
    heads.forEach((head, index) => {
      if (!head) return;
      const moved = at.with ? at.with(index, at[index] + 1) : at.map((value, i) => (i === index ? value + 1 : value));
      if (head.isLost) stack.push({ at: moved, state, order });
      if (head.call > limit) return;
      const [next, value] = apply(state, head);
      if (head.isLost || text(value) === text(head.value)) {
        stack.push({ at: moved, state: next, order: { head, before: order } });
      }
    });
  }
  return null;
}

function path(order) {
  const out = [];
  for (let step = order; step; step = step.before) out.unshift(step.head);
  return out;
}
