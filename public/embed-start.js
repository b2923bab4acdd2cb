// The look that an embed's address asks for, before the first paint. It stores nothing: a frame of another site may not.
(function () {
  var asked = new URLSearchParams(location.search);
  var root = document.documentElement.dataset;
  if (/^(light|dark)$/.test(asked.get('theme'))) root.theme = asked.get('theme');
  if (asked.get('skin') === 'overlay') root.skin = 'overlay';
  if (asked.get('background') === 'transparent') root.background = 'transparent';
  if (asked.get('motion') === 'reduce') root.motion = 'reduce';
})();
