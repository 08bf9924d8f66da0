// Circles in a graph: a map from each node to the set of those that it needs.

/** The strongly connected components of more than one node (Tarjan), each sorted, the largest first. */
export function circles(graph) {
  const found = [];
  const state = new Map();
  const stack = [];

  function visit(node) {
    const own = { index: state.size, low: state.size, open: true };
    state.set(node, own);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      const known = state.get(next);
      if (!known) own.low = Math.min(own.low, visit(next).low);
      else if (known.open) own.low = Math.min(own.low, known.index);
    }
    if (own.low === own.index) {
      const members = stack.splice(stack.indexOf(node));
      for (const member of members) state.get(member).open = false;
      if (members.length > 1) found.push(members.sort());
    }
    return own;
  }

  for (const node of graph.keys()) if (!state.has(node)) visit(node);
  return found.sort((left, right) => right.length - left.length || (left[0] < right[0] ? -1 : 1));
}

/** A shortest way from a node back to itself that stays within `members`; the node stands first and last. */
export function shortestCircle(graph, members) {
  const ways = members.map((start) => wayBack(graph, start, new Set(members))).filter(Boolean);
  return ways.sort((left, right) => left.length - right.length)[0];
}

function wayBack(graph, start, members) {
  const ways = [[start]];
  const seen = new Set();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1)) ?? []) {
      if (next === start) return [...way, start];
      if (!members.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
