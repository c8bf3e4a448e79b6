/**
 * What a page under measurement is given before its own scripts run (`bench`): when the first rows were painted, how long
 * each interaction took to the next paint, how long from an event until something can be seen, and what a long scroll does.
 * Times are of the page's own clock; something counts as seen after the frame in which it is there has been painted.
 */
export const pageProbe = `
(() => {
  if (window !== top) return;
  const painted = (done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(0);
  });
  const when = (isThere, done) => {
    const look = () => (isThere() ? painted(done) : requestAnimationFrame(look));
    look();
  };
  const rows = () => document.querySelectorAll('[role=row][data-index]');
  const bench = { firstRows: undefined, interactions: [], result: undefined };
  window.bench = bench;
  when(() => document.querySelector('[role=row] .subject'), (now) => { bench.firstRows = now; });
  // Shorter ones than 16 ms are not told.
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) bench.interactions.push([entry.interactionId, entry.duration, entry.name]);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });

  /** bench.result: ms from the next event of the type until it is there. */
  bench.from = (type, isThere) => {
    bench.result = new Promise((resolve) => {
      addEventListener(type, (event) => when(isThere, (now) => resolve(now - event.timeStamp)), { capture: true, once: true });
    });
  };
  /** The hour at which it is seen. */
  bench.seen = (isThere) => {
    bench.result = new Promise((resolve) => when(isThere, () => resolve(Date.now())));
  };
  bench.first = () => document.querySelector('[data-index="0"] .subject')?.textContent;
  const scroller = () => document.querySelector('[role=grid]');
  /** Rows in the window without text: those that are drawn so, and those that are not drawn at all. */
  const blankNow = () => {
    const grid = scroller();
    const { top, bottom } = grid.getBoundingClientRect();
    const blank = new Set(), there = new Set();
    let height, offset;
    for (const row of rows()) {
      const box = row.getBoundingClientRect();
      height ??= box.height;
      offset ??= box.top - top + grid.scrollTop - row.dataset.index * box.height;
      if (box.bottom <= top + 1 || box.top >= bottom - 1) continue;
      (row.querySelector('.subject') ? there : blank).add(row.dataset.index);
    }
    if (there.size + blank.size > 0 || height === undefined) return blank;
    const first = Math.floor((grid.scrollTop - offset) / height);
    for (let i = 0; i < (bottom - top) / height; i++) blank.add(String(first + i));
    return blank;
  };
  /** Moves the list by its own clock from one part of it to another. */
  bench.scroll = (seconds, from, to) => {
    bench.result = new Promise((resolve) => {
      const grid = scroller();
      const whole = grid.scrollHeight - grid.clientHeight;
      const since = new Map();
      let start, last, frames = 0, longest = 0, longestBlank = 0, nodes = 0, late = 0;
      const step = (now) => {
        start ??= now;
        if (last !== undefined) { longest = Math.max(longest, now - last); if (now - last > 25) late++; }
        last = now;
        frames++;
        const blank = blankNow();
        for (const [index, at] of since) {
          if (blank.has(index)) continue;
          longestBlank = Math.max(longestBlank, now - at);
          since.delete(index);
        }
        for (const index of blank) if (!since.has(index)) since.set(index, now);
        if (frames % 20 === 0) nodes = Math.max(nodes, grid.querySelectorAll('*').length);
        const part = Math.min(1, (now - start) / (seconds * 1000));
        grid.scrollTop = whole * (from + (to - from) * part);
        if (part < 1 || since.size > 0) { requestAnimationFrame(step); return; }
        const spent = now - start;
        resolve({ fps: (frames - 1) / (spent / 1000), longest, late, longestBlank, nodes });
      };
      requestAnimationFrame(step);
    });
  };
  /** To a place never seen: ms until nothing in the window is blank. */
  bench.leap = (part) => {
    bench.result = new Promise((resolve) => {
      const grid = scroller();
      const start = performance.now();
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * part;
      requestAnimationFrame(() => when(() => blankNow().size === 0, (now) => resolve(now - start)));
    });
  };
})();
`;
