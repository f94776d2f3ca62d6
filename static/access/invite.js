// Sends the secret of a one-time link, which stands behind the #, with the password that was chosen.

const $ = (id) => document.getElementById(id);
const form = $("invite");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again } = Object.fromEntries(new FormData(form));
  if (password !== again) {
    $("problem").textContent = "The two passwords differ.";
    return;
  }
  try {
    const response = await fetch("/invite", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret: location.hash.slice(1), password }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    form.hidden = true;
    $("name").textContent = answer.name;
    $("done").hidden = false;
    history.replaceState(null, "", location.pathname);
  } catch (error) {
    $("problem").textContent = error.message;
  }
});
