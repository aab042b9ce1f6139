// Progress as one JSON object a line on stdout: {"step": "key", "share": 0.25, "text": "..."}.
const STEP = 0.05;
const last = new Map();

export function report(step, share, text) {
  const before = last.get(step);
  if (before !== undefined && share < 1 && text === undefined && share - before < STEP) return;
  last.set(step, share);
  const line = { step, share: Math.round(share * 1000) / 1000, ...(text ? { text } : {}) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
