// SPDX-License-Identifier: Apache-2.0

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "medium" });

export const timeOf = (ms: number) => clock.format(ms);
export const wholeTimeOf = (ms: number) => whole.format(ms);
export const dayKeyOf = (ms: number) => new Date(ms).toDateString();

export function dayOf(ms: number): string {
  const key = dayKeyOf(ms);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (key === today.toDateString()) {
    return "Today";
  }
  return key === yesterday.toDateString() ? "Yesterday" : weekday.format(ms);
}

/** For a list: the time of today, else the date. */
export function shortTimeOf(ms: number): string {
  return dayKeyOf(ms) === dayKeyOf(Date.now()) ? timeOf(ms) : date.format(ms);
}
