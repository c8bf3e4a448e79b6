/** The number of this turn of the event loop: one immediate for all who ask, and only in turns in which somebody asks. */
let turn = 0;
let ends = false;

export function thisTurn(): number {
  if (!ends) {
    ends = true;
    setImmediate(end);
  }
  return turn;
}

function end(): void {
  turn++;
  ends = false;
}
