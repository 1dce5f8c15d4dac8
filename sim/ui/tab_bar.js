export function render({model}) {
  const list = document.createElement("div")
  list.className = "tabs"
  list.setAttribute("role", "tablist")
  list.setAttribute("aria-label", model.setup.texts.tabs)
  const buttons = model.setup.tabs.map((tab) => {
    const button = document.createElement("button")
    button.type = "button"
    button.setAttribute("role", "tab")
    button.dataset.tab = tab.name
    button.textContent = tab.label
    button.onclick = () => { model.shown = tab.name }
    return button
  })
  list.append(...buttons)
  list.onkeydown = (event) => {
    const at = buttons.findIndex((button) => button.dataset.tab === model.shown)
    const last = buttons.length - 1
    const next = {ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last}[event.key]
    if (next === undefined) { return }
    event.preventDefault()
    model.shown = buttons[next].dataset.tab
    buttons[next].focus()
  }
  const box = document.createElement("input")
  box.type = "checkbox"
  box.setAttribute("role", "switch")
  box.onchange = () => { model.luck = box.checked }
  const label = document.createElement("label")
  label.className = "luck"
  label.title = model.setup.texts.luck_help
  label.append(box, model.setup.texts.luck_switch)
  const root = document.createElement("div")
  root.className = "tab-bar"
  root.append(list, label)

  function show() {
    for (const button of buttons) {
      const is_shown = button.dataset.tab === model.shown
      button.setAttribute("aria-selected", is_shown)
      button.tabIndex = is_shown ? 0 : -1
    }
    box.checked = model.luck
  }

  model.on("shown", show)
  model.on("luck", show)
  show()
  return root
}
