// What is looked at in a batch: selects, and what stands above them. Texts enter as textContent and values, never as HTML.

let n_desks = 0

export function render({model}) {
  const id = `results-${++n_desks}`
  const root = make("div", {class: "results"})
  const head = make("div", {class: "head"})
  const picks = make("div", {class: "picks", role: "group", "aria-label": model.texts.controls})
  const summary = make("summary")
  const held = make("div", {class: "picks"})
  const details = make("details", {}, [summary, held])
  const told = make("p", {class: "told", role: "status"})
  const commands = make("pre", {tabindex: 0}, [make("code")])
  root.append(picks, details, told, commands, head)
  const selects = new Map()  // name → its label, kept while there is one, so that the focus stays

  function select_of(control) {
    let label = selects.get(control.name)
    if (!label) {
      const select = make("select", {id: `${id}-${selects.size}`, "data-pick": control.name})
      select.onchange = () => { model.wish = {name: control.name, value: select.value, at: Date.now()} }
      label = make("label", {}, [make("span"), select])
      selects.set(control.name, label)
    }
    const [name, select] = label.children
    name.textContent = control.label
    const key = JSON.stringify(control.options)
    if (select.dataset.key !== key) {
      select.dataset.key = key
      select.replaceChildren(...control.options.map(([value, words]) => make("option", {value}, [words])))
    }
    select.value = control.value
    return label
  }

  function put(place, controls) {
    const labels = controls.map(select_of)
    const is_same = labels.length === place.children.length && labels.every((label, k) => label === place.children[k])
    if (!is_same) { place.replaceChildren(...labels) }
  }

  function show() {
    const {title, question, about} = model.head
    head.replaceChildren(...(title ? [
      make("h2", {}, [title]), ...(question ? [make("p", {}, [question])] : []), make("p", {class: "soft"}, [about]),
    ] : []))
    head.hidden = !title
    put(picks, model.picks.filter((control) => !control.is_held))
    const factors = model.picks.filter((control) => control.is_held)
    put(held, factors)
    const n = factors.filter((control) => control.value).length
    summary.textContent = n ? `${model.texts.hold} (${n})` : `${model.texts.hold}: ${model.texts.hold_none}`
    details.hidden = !factors.length
    if (n) { details.open = true }
    picks.hidden = !model.picks.length
    told.textContent = model.told
    told.hidden = !model.told
    commands.firstChild.textContent = model.commands
    commands.hidden = !model.commands
  }

  for (const name of ["head", "picks", "told", "commands"]) { model.on(name, show) }
  show()
  // While a page is being put together, Bokeh drops what the server changes meanwhile: ask whether there is more by now.
  setTimeout(() => { model.wish = {name: "ready", value: model.head.title ?? model.told, at: Date.now()} })
  return root
}

function make(name, attributes = {}, children = []) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
  element.append(...children)
  return element
}
