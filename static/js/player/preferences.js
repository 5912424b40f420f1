// What the viewer chose last time, on this device. A browser that keeps nothing just starts fresh.
const KEY = "nikoflix.player";

export function preferences() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export function prefer(choice) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...preferences(), ...choice }));
  } catch {
    // Storage is full or forbidden: the choice holds for this film only.
  }
}
