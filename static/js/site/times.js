// The server tells the time by the country's clock; here it is told by the reader's own.
export function bindTimes() {
  const words = new Intl.DateTimeFormat(`${document.documentElement.lang}-IN`, {
    weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short",
  });
  for (const time of document.querySelectorAll("[data-local-time]")) time.textContent = words.format(new Date(time.dateTime));
}
