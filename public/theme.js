// Applies the chosen theme before the first paint. The app keeps it from then on (app/src/theme.rs).
(function () {
  var theme = new URLSearchParams(location.search).get('theme');
  try {
    theme = theme || localStorage.getItem('heliograph.theme');
  } catch (e) {
    // Storage may be forbidden; the system's preference decides.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
