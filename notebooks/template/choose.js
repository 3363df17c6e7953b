// A choice of panels becomes a list to pick from; lists of one label move together.
// Without scripts all panels stay in view.
const lists = [];
for (const box of document.querySelectorAll('.choice')) {
  const panels = [...box.children].filter(part => part.matches('.panel'));
  if (panels.length < 2) continue;
  const label = document.createElement('label');
  const list = document.createElement('select');
  label.className = 'chooser';
  label.append(box.dataset.label + ' ', list);
  for (const panel of panels) list.add(new Option(panel.dataset.name));
  const show = name => {
    const at = panels.findIndex(panel => panel.dataset.name === name);
    if (at < 0) return;
    list.selectedIndex = at;
    panels.forEach((panel, place) => { panel.hidden = place !== at; });
  };
  lists.push({kind: box.dataset.label, show});
  list.addEventListener('change', () => {
    for (const other of lists) if (other.kind === box.dataset.label) other.show(list.value);
  });
  box.prepend(label);
  box.classList.add('picked');
  show(panels[0].dataset.name);
}
