// Runs before the first paint, so that the other theme is never shown first.
try {
  const theme = localStorage.getItem("stories-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  /* storage may be off: the system's theme applies then */
}
