// A choice of panels becomes a list to pick from. Without scripts all panels stay in view.
for (const box of document.querySelectorAll('.choice')) {
  const panels = [...box.children].filter(part => part.matches('.panel'));
  if (panels.length < 2) continue;
  const label = document.createElement('label');
  const list = document.createElement('select');
  label.className = 'chooser';
  label.append(box.dataset.label + ' ', list);
  for (const panel of panels) list.add(new Option(panel.dataset.name));
  const show = () => panels.forEach((panel, at) => { panel.hidden = at !== list.selectedIndex; });
  list.addEventListener('change', show);
  box.prepend(label);
  show();
}
