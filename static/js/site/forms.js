// Forms work without this: it shows passwords, offers passkeys, takes the viewer to the summary of errors and sends a form only once.
export function bindForms() {
  for (const box of document.querySelectorAll("[data-password]")) {
    const [input, button] = [box.querySelector("input"), box.querySelector("button")];
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      button.textContent = shown ? button.dataset.show : button.dataset.hide;
      input.focus();
    });
  }
  if (window.PublicKeyCredential) {
    for (const passkey of document.querySelectorAll("[data-needs-script]")) passkey.hidden = false;
  }
  document.querySelector("[data-summary]")?.focus();
  document.addEventListener("submit", (event) => {
    const { target: form } = event;
    if (form.method !== "post" || !form.matches("[data-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
}
