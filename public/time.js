// Shows <local-time> in the reader's time zone, in the page's language. The server wrote its <time> in UTC, which
// stays where scripts are off. `format` is "day", "minute", "second" or "relative", the default: "5 minutes ago"
// for a week, then the day. `title` has the exact time.

const page = document.documentElement.lang;
// The reader's own region where the language is the page's: en-GB for en.
const locale = navigator.languages.find((tag) => tag.split("-")[0] === page.split("-")[0]) ?? page;

const formats = {
  day: new Intl.DateTimeFormat(locale, { dateStyle: "medium" }),
  minute: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
  second: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
  exact: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }),
};
const ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const units = [
  ["second", 1_000, 60],
  ["minute", 60_000, 60],
  ["hour", 3_600_000, 24],
  ["day", 86_400_000, 7],
];

const shown = new Set();

function relative(date) {
  const past = date - Date.now();
  for (const [unit, milliseconds, most] of units) {
    const count = Math.round(past / milliseconds);
    if (Math.abs(count) < most) return ago.format(unit === "second" ? 0 : count, unit);
  }
  return formats.day.format(date);
}

class LocalTime extends HTMLElement {
  static observedAttributes = ["datetime"];

  connectedCallback() {
    shown.add(this);
  }

  // Whoever changes the time writes its text after the attribute.
  attributeChangedCallback() {
    queueMicrotask(() => this.show());
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  show() {
    const time = this.querySelector("time");
    const date = new Date(this.getAttribute("datetime") ?? "");
    if (!time || Number.isNaN(date.getTime())) return;
    const format = formats[this.getAttribute("format")];
    const text = format ? format.format(date) : relative(date);
    time.title = formats.exact.format(date);
    // The text node stays: it may belong to a framework.
    if (time.firstChild) time.firstChild.data = text;
  }
}

customElements.define("local-time", LocalTime);

// Relative times age; a hidden page catches up when it is seen again.
const age = () => document.visibilityState === "visible" && shown.forEach((element) => element.show());
setInterval(age, 60_000);
document.addEventListener("visibilitychange", age);
