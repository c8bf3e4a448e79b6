/** How much of one person's work goes on at once in this process: one script must not keep everybody else waiting. */
export interface Concurrency {
  /** undefined: no more at the moment. Else call what it returns when the work is over. */
  enter(person: string): (() => void) | undefined;
}

export function concurrency(max: number): Concurrency {
  const running = new Map<string, number>();
  return {
    enter(person) {
      const now = running.get(person) ?? 0;
      if (now >= max) return undefined;
      running.set(person, now + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const rest = running.get(person)! - 1;
        if (rest === 0) running.delete(person);
        else running.set(person, rest);
      };
    },
  };
}
