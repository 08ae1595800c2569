// Before anything is painted: what is remembered of the theme. A file of its own, since no policy of the page's
// lets code run that stands in the page.
try {
  const theme = localStorage.getItem('tidemark-theme');
  if (theme !== null) document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's theme.
}
