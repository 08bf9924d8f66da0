// Timing of short calls: all candidates take turns in one run, so that whatever else the machine does hits each alike.

/** Microseconds per call of each candidate: the median round, and the best one, which a busy machine disturbs least. */
export function microsecondsPerCall(candidates, { rounds = 41, callsPerRound = 2000 } = {}) {
  const entries = Object.entries(candidates);
  const times = new Map(entries.map(([name]) => [name, []]));
  for (let round = -3; round < rounds; round += 1) {
    for (const [name, call] of entries) {
      const start = process.hrtime.bigint();
      for (let index = 0; index < callsPerRound; index += 1) call();
      const elapsed = Number(process.hrtime.bigint() - start) / 1000 / callsPerRound;
      // The first rounds warm up.
      if (round >= 0) times.get(name).push(elapsed);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, list]) => [name, { median: median(list), best: Math.min(...list) }]),
  );
}

export function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

/** Prints rows of cells in columns, numbers to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column]),
    );
    console.log(cells.join('  '));
  }
}
