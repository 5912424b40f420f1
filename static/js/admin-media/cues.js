// Edit subtitles as a list of cues beside the film. The text field stays what is sent.

const FAST = 21; // signs a second that few can read
const TIMES = /^\s*(\S+)\s*-->\s*(\S+)/;

export function parse(text) {
  const cues = [];
  let cue = null;
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const times = TIMES.exec(line);
    if (times) {
      cue = { start: times[1], end: times[2], words: [], line: index + 1 };
      cues.push(cue);
    } else if (cue && line.trim()) cue.words.push(line);
    else cue = null;
  });
  // "&" is shown as it is written; the server escapes it again.
  return cues.map(({ words, ...rest }) => ({ ...rest, words: words.join("\n").replace(/&amp;(?![\w#]+;)/g, "&") }));
}

export function serialise(cues) {
  const blocks = cues.map(({ start, end, words }) => `${start.trim()} --> ${end.trim()}\n${words.replace(/\n\s*(?=\n|$)/g, "")}\n`);
  return `WEBVTT\n\n${blocks.join("\n")}`;
}

export function seconds(stamp) {
  const match = /^(?:(\d+):)?(\d+):(\d+)(?:[.,](\d+))?$/.exec(stamp.trim());
  return match ? Number(match[1] ?? 0) * 3600 + Number(match[2]) * 60 + Number(match[3]) + Number(`0.${match[4] ?? 0}`) : NaN;
}

export function stamp(time) {
  const ms = Math.max(0, Math.round(time * 1000));
  const part = (value, digits = 2) => String(Math.floor(value)).padStart(digits, "0");
  return `${part(ms / 3600000)}:${part((ms / 60000) % 60)}:${part((ms / 1000) % 60)}.${part(ms % 1000, 3)}`;
}

const plain = (words) => words.replace(/<\/?[biu]>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function edit(form, video) {
  const { dataset: strings } = form;
  const [source, list, status, toggle] = ["textarea", "[data-list]", "[data-status]", "[data-toggle]"].map((each) => form.querySelector(each));
  const field = form.querySelector(".cues-source");
  const mayChange = strings.mayChange === "yes";
  const track = video?.addTextTrack("subtitles", "", list.lang);
  let changed = false;

  const read = () => [...list.children].map((row) => ({ start: row.start.value, end: row.end.value, words: row.words.value, row }));

  function tell() {
    changed = true;
    if (status) status.textContent = strings.unsaved;
    clearTimeout(tell.timer);
    tell.timer = setTimeout(show, 300);
  }

  // What the player shows is what stands in the list, saved or not.
  function show() {
    for (const { start, end, words, row } of read()) {
      const [from, to] = [seconds(start), seconds(end)];
      const speed = plain(words).replace(/\s/g, "").length / (to - from);
      row.classList.toggle("is-bad", !(to > from));
      row.note.textContent = speed > FAST && Number.isFinite(speed) ? strings.fast.replace("%s", Math.round(speed)) : "";
    }
    if (!track) return;
    track.mode = "showing";
    [...(track.cues ?? [])].forEach((cue) => track.removeCue(cue));
    for (const { start, end, words } of read()) {
      if (seconds(end) > seconds(start)) track.addCue(new VTTCue(seconds(start), seconds(end), words));
    }
  }

  function button(sign, name, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: sign, title: name });
    made.className = "material-symbols-outlined";
    made.setAttribute("aria-label", name);
    made.addEventListener("click", act);
    return made;
  }

  function input(name, value) {
    const made = Object.assign(document.createElement("input"), { value, autocomplete: "off", spellcheck: false, readOnly: !mayChange });
    made.setAttribute("aria-label", name);
    made.addEventListener("input", tell);
    return made;
  }

  function line(...parts) {
    const made = document.createElement("span");
    made.append(...parts);
    return made;
  }

  function rowOf(cue) {
    const row = Object.assign(document.createElement("li"), { className: "cue" });
    row.start = input(strings.start, cue.start);
    row.end = input(strings.end, cue.end);
    row.words = Object.assign(document.createElement("textarea"), { value: cue.words, rows: 2, readOnly: !mayChange });
    row.words.setAttribute("aria-label", strings.words);
    row.words.addEventListener("input", tell);
    row.note = Object.assign(document.createElement("span"), { className: "cue-note" });
    const take = (target) => button("my_location", strings.here, () => ((target.value = stamp(video.currentTime)), tell()));
    const times = Object.assign(document.createElement("div"), { className: "cue-times" });
    const tools = Object.assign(document.createElement("div"), { className: "cue-tools" });
    const mine = mayChange && video;
    times.append(line(row.start, ...(mine ? [take(row.start)] : [])), line(row.end, ...(mine ? [take(row.end)] : [])));
    if (video) tools.append(button("play_arrow", strings.play, () => ((video.currentTime = seconds(row.start.value) || 0), video.play())));
    if (mayChange) {
      tools.append(
        button("add", strings.insert, () => {
          const end = seconds(row.end.value) || 0;
          const made = rowOf({ start: stamp(end), end: stamp(end + 2), words: "" });
          row.after(made);
          made.words.focus();
          tell();
        }),
        button("delete", strings.remove, () => {
          (row.nextElementSibling ?? row.previousElementSibling)?.words.focus();
          row.remove();
          tell();
        }),
      );
    }
    row.append(times, row.words, tools, row.note);
    return row;
  }

  function toList() {
    const cues = parse(source.value);
    list.replaceChildren(...cues.map(rowOf));
    field.hidden = cues.length > 0;
    list.hidden = !cues.length;
    show();
    return cues;
  }

  const toText = () => {
    if (!list.hidden) source.value = serialise(read());
  };

  const cues = toList();
  source.readOnly = !mayChange;
  source.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => {
    toText();
    changed = false;
  });
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      if (list.hidden) toList();
      else {
        toText();
        field.hidden = false;
        list.hidden = true;
      }
    });
  }

  // The server names the line of what was sent; that line lies in one of the cues.
  const number = Number(/\d+/.exec(/[^\d](\d+):/.exec(form.querySelector("[data-error]")?.textContent ?? "")?.[0] ?? "")?.[0]);
  if (number) {
    changed = true;
    const at = cues.findLastIndex((cue) => cue.line <= number);
    list.children[at]?.classList.add("is-bad");
    list.children[at]?.start.focus();
  }

  video?.addEventListener("timeupdate", () => {
    for (const row of list.children) {
      const now = seconds(row.start.value) <= video.currentTime && video.currentTime < seconds(row.end.value);
      if (now && !row.classList.contains("is-now") && !list.contains(document.activeElement)) row.scrollIntoView({ block: "nearest" });
      row.classList.toggle("is-now", now);
    }
  });
}
