/** What time it is, for words such as "today": it changes once a minute, and with it what stands in the list. */
let now = $state.raw(new Date());

setInterval(() => {
  now = new Date();
}, 60_000);

export const clock = {
  get now(): Date {
    return now;
  },
};
