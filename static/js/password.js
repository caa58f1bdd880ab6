/* A button that shows what is typed into a password field, and hides it again when the form is sent. */
"use strict";

const showPassword = document.currentScript.dataset.show;

for (const input of document.querySelectorAll('input[type="password"]')) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn link";
  button.textContent = showPassword;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", input.id);
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.setAttribute("aria-pressed", String(visible));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
  const row = document.createElement("div");
  row.className = "row";
  row.append(button);
  input.after(row);
}
