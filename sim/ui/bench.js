// The bench. Texts enter as textContent and attributes, never as HTML, so that no scenario file can run a script here.
// Acts go to the server as messages with a number; what comes back says which act it takes account of (`seen`), so that
// an answer to an older act never pulls a slider out of the student's hand.

let n_benches = 0

export function render({model}) {
  const id = `bench-${++n_benches}`
  const root = make("div", {class: "benchtop"})
  let acts = model.sides.seen ?? 0
  let local = {}      // letter → path → value, as the hands left it
  let rows = {}       // path → the elements of a lever
  let parts = {}

  const text = (key, values = {}) => fill(model.setup.texts[key], values)
  const letter = () => model.shown
  const look = () => model.setup.looks[letter()]
  const side = () => model.sides.rows.find((row) => row.letter === letter())
  const letters = () => model.sides.rows.map((row) => row.letter)
  const preset_of = (row) => model.setup.presets.find((one) => one.name === row.preset)
  const levers = () => model.setup.groups.flatMap((group) => group.levers)
  const value_of = (path) => (local[letter()] ?? {})[path] ?? side().levers[path]

  function act(message) {
    model.send_msg({...message, letter: letter(), act: ++acts})
  }
  // For acts after which the levers stand where the server says, whatever the hands did before.
  function act_anew(message) {
    local = {}
    act(message)
  }

  // ------------------------------------------------------------ building, once for each scenario and language

  function build() {
    rows = {}
    local = {}
    parts = {tabs: {}, groups: []}
    parts.bar = make("div", {class: "tabs", role: "tablist", "aria-label": text("strategies")})
    parts.bar.onkeydown = walk_tabs
    root.replaceChildren(market(), steps(), parts.bar, panel())
    tabs()
    refresh()
  }

  function choice(name, caption, options, pick) {
    const select = make("select", {id: `${id}-${name}`}, options.map((one) => make("option", {value: one.name}, [one.label])))
    select.onchange = () => pick(select.value)
    return [make("label", {class: "caption", for: `${id}-${name}`}, [caption]), select]
  }

  function market() {
    const pick = (scenario) => act_anew({do: "scenario", scenario})
    const [caption, select] = choice("scenario", text("scenario"), model.setup.scenarios, pick)
    select.value = model.setup.scenario
    parts.seed = make("input", {
      id: `${id}-seed`, type: "number", min: 0, max: 2147483647, step: 1, inputmode: "numeric", title: text("seed_help"),
    })
    parts.seed.onchange = () => {
      const seed = Number(parts.seed.value)
      if (parts.seed.value !== "" && Number.isInteger(seed)) { act({do: "seed", seed}) } else { refresh() }
    }
    return make("div", {class: "market"}, [
      make("div", {}, [caption, select]),
      make("div", {}, [make("label", {class: "caption", for: `${id}-seed`}, [text("seed")]), parts.seed]),
    ])
  }

  function steps() {
    for (const wish of ["undo", "redo"]) {
      parts[wish] = make("button", {type: "button", class: wish}, [wish === "undo" ? "↶ " : "↷ ", text(wish)])
      parts[wish].onclick = () => act_anew({do: wish})
    }
    parts.add = make("button", {type: "button", class: "add"}, ["＋ ", text("add")])
    parts.add.onclick = () => act({do: "add"})
    return make("div", {class: "steps"}, [parts.undo, parts.redo, parts.add])
  }

  function tabs() {
    parts.tabs = {}
    parts.bar.replaceChildren(...letters().map((one) => {
      const name = make("span", {class: "name"})
      const tab = make("button", {
        class: "tab", type: "button", role: "tab", id: `${id}-tab-${one}`, "aria-controls": `${id}-panel`,
      }, [swatch(model.setup.looks[one]), make("b", {}, [one]), name])
      tab.style.setProperty("--side", model.setup.looks[one].colour)
      tab.onclick = () => { model.shown = one; refresh() }
      parts.tabs[one] = {tab, name}
      return tab
    }))
  }

  function walk_tabs(event) {
    const all = letters()
    const at = all.indexOf(letter())
    const next = {ArrowRight: at + 1, ArrowLeft: at + all.length - 1, Home: 0, End: all.length - 1}[event.key]
    if (next === undefined) { return }
    event.preventDefault()
    model.shown = all[next % all.length]
    refresh()
    parts.tabs[letter()].tab.focus()
  }

  function panel() {
    const [preset_caption, preset] = choice(
      "preset", text("preset"), model.setup.presets, (name) => act_anew({do: "preset", preset: name}),
    )
    parts.preset = preset
    parts.reset = make("button", {class: "reset", type: "button"}, [text("reset")])
    parts.reset.onclick = () => act_anew({do: "reset"})
    const [copy_caption, copy] = choice("copy", text("copy"), [], (source) => {
      if (source) { act_anew({do: "copy", source}) }
    })
    parts.copy = copy
    parts.remove = make("button", {class: "remove", type: "button"})
    parts.remove.onclick = () => { act_anew({do: "remove"}); parts.bar.querySelector("button")?.focus() }
    parts.fill = make("div", {class: "fill"})
    parts.spent = make("span", {class: "spent"})
    parts.rest = make("span", {class: "rest"})
    const leave = make("button", {class: "leave", type: "button"}, [text("see_results")])
    leave.onclick = () => window.dispatchEvent(new CustomEvent("crmsim-leave-bench"))
    parts.panel = make("div", {class: "panel", role: "tabpanel", id: `${id}-panel`}, [
      make("div", {class: "row"}, [preset_caption, parts.reset]), preset,
      make("div", {class: "row copy"}, [copy_caption, copy, parts.remove]),
      make("div", {class: "budget"}, [
        make("div", {class: "row"}, [make("span", {class: "caption"}, [text("budget")]), parts.spent]),
        make("div", {class: "track"}, [parts.fill]),
        make("div", {class: "row"}, [parts.rest]),
      ]),
      ...model.setup.groups.map(group),
      leave,
    ])
    return parts.panel
  }

  function group(one) {
    const summary = make("span", {class: "brief"})
    const box = make("details", {class: "group", "data-group": one.name}, [
      make("summary", {}, [make("span", {class: "title"}, [one.label]), summary]),
    ])
    let is_built = false
    const unfold = () => {   // Sliders are made when a group is first opened.
      if (is_built) { return }
      is_built = true
      box.append(...one.levers.map(lever))
    }
    box.open = model.open_groups.includes(one.name)
    if (box.open) { unfold() }
    box.ontoggle = () => {
      if (box.open) { unfold(); refresh() }
      const others = model.open_groups.filter((name) => name !== one.name)
      if (box.open === model.open_groups.includes(one.name)) { return }
      model.open_groups = box.open ? [...others, one.name] : others
    }
    parts.groups.push({one, summary})
    return box
  }

  function lever(one) {
    const input_id = `${id}-${one.path.replace(".", "-")}`
    const input = make("input", {
      type: "range", id: input_id, min: one.low, max: one.high, step: one.step, "data-path": one.path,
      "aria-describedby": `${input_id}-meaning`,
    })
    const value = make("output", {class: "value", for: input_id})
    const back = make("button", {class: "back", type: "button"}, ["↺"])
    const meaning = make("div", {class: "meaning", id: `${input_id}-meaning`, role: "tooltip"}, [one.meaning])
    const remember = () => {
      local[letter()] = {...local[letter()], [one.path]: Number(input.value)}
      refresh()
    }
    input.oninput = remember
    input.onchange = () => {
      remember()
      act({do: "move", path: one.path, value: Number(input.value)})
    }
    back.onclick = () => {
      local[letter()] = {...local[letter()], [one.path]: preset_of(side()).levers[one.path]}
      refresh()
      act({do: "put back", path: one.path})
      input.focus()
    }
    rows[one.path] = {one, input, value, back}
    return make("div", {class: "lever"}, [
      make("label", {class: "label", for: input_id}, [one.label]), meaning, back, value, input,
    ])
  }

  // ------------------------------------------------------------ showing

  function refresh() {
    if (!side()) { return }
    if (letters().join() !== Object.keys(parts.tabs).join()) { tabs() }
    root.style.setProperty("--side", look().colour)
    const preset = preset_of(side())
    for (const [name, {tab, name: place}] of Object.entries(parts.tabs)) {
      const row = model.sides.rows.find((one) => one.letter === name)
      const is_shown = name === letter()
      tab.setAttribute("aria-selected", is_shown)
      tab.tabIndex = is_shown ? 0 : -1
      place.textContent = short(preset_of(row).label) + (is_changed(row) ? " *" : "")
    }
    parts.panel.setAttribute("aria-labelledby", `${id}-tab-${letter()}`)
    parts.preset.value = side().preset
    parts.reset.disabled = !levers().some((one) => value_of(one.path) !== preset.levers[one.path])
    parts.reset.title = text("reset_help", {letter: letter()})
    parts.copy.replaceChildren(
      make("option", {value: ""}, ["…"]),
      ...letters().filter((one) => one !== letter()).map((one) => make("option", {value: one}, [one])),
    )
    parts.copy.title = text("copy_from", {letter: letter()})
    parts.remove.textContent = text("remove", {letter: letter()})
    parts.remove.hidden = letters().length <= 2
    const {can, seed} = model.sides
    parts.undo.disabled = !can.undo
    parts.redo.disabled = !can.redo
    parts.add.hidden = !can.add
    if (document.activeElement?.shadowRoot?.activeElement !== parts.seed) { parts.seed.value = seed }
    for (const {one, input, value, back} of Object.values(rows)) {
      const now = value_of(one.path)
      if (Number(input.value) !== now) { input.value = now }
      const written = shown(one, now)
      value.textContent = written
      input.setAttribute("aria-valuetext", written)
      input.style.setProperty("--at", share(one, now))
      const before = preset.levers[one.path]
      back.style.visibility = now === before ? "hidden" : "visible"
      const help = text("put_back", {lever: one.label, value: shown(one, before)})
      back.title = help
      back.setAttribute("aria-label", help)
    }
    for (const {one, summary} of parts.groups) {
      const first = one.levers.find((each) => each.cost > 0) ?? one.levers[0]
      const wanted = value_of(first.path) ? first : one.levers.find((each) => value_of(each.path) && !each.zero) ?? first
      summary.textContent = shown(wanted, value_of(wanted.path))
    }
    budget()
  }

  function is_changed(row) {
    const own = {...row.levers, ...local[row.letter]}
    const preset = preset_of(row)
    return levers().some((one) => own[one.path] !== preset.levers[one.path])
  }

  function budget() {
    const whole = model.setup.budget
    const spent = levers().reduce((sum, one) => sum + one.cost * value_of(one.path), 0)
    const wages = levers().filter((one) => one.path === model.setup.wage.path)
      .reduce((sum, one) => sum + one.cost * value_of(one.path), 0)
    const over = spent - whole
    const is_over = over > 1e-6 * Math.max(1, whole)
    parts.panel.classList.toggle("is-over", is_over)
    parts.fill.style.width = `${Math.min(100, 100 * spent / Math.max(whole, 1e-9))}%`
    parts.spent.textContent = text("spent", {spent: money(spent), budget: money(whole)})
    const notes = []
    if (is_over) { notes.push(`▲ ${text("over", {over: money(over)})}`) }
    else if (whole - spent > 0.5) { notes.push(text("left", {left: money(whole - spent)})) }
    if (wages > 0) { notes.push(text("wages", {wages: money(wages)})) }
    parts.rest.textContent = notes.join(" · ")
  }

  // ------------------------------------------------------------ numbers

  function number(value, digits) {
    const format = {minimumFractionDigits: digits, maximumFractionDigits: digits}
    return new Intl.NumberFormat(model.setup.language, format).format(value)
  }

  const money = (value) => model.setup.currency + number(value, 0)

  function shown(one, value) {
    if (value === 0 && one.zero) { return one.zero }
    if (one.named[value]) { return one.named[value] }
    const written = one.is_money ? model.setup.currency + number(value, one.digits)
      : one.is_share ? `${number(100 * value, 0)}%`
      : number(value, one.digits)
    return fill(one.unit, {value: written})
  }

  // ------------------------------------------------------------ living with the server

  model.on("setup", build)
  model.on("sides", () => {
    if (model.sides.seen >= acts) { local = {} }
    refresh()
  })
  model.on("shown", refresh)
  build()
  return root
}

function make(name, attributes = {}, children = []) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
  element.append(...children)
  return element
}

function swatch(one) {
  const space = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(space, "svg")
  const line = document.createElementNS(space, "line")
  for (const [key, value] of Object.entries({width: 26, height: 8, viewBox: "0 0 26 8", "aria-hidden": true})) {
    svg.setAttribute(key, value)
  }
  for (const [key, value] of Object.entries({
    x1: 1, x2: 25, y1: 4, y2: 4, "stroke-width": 3, "stroke-dasharray": one.dash,
  })) { line.setAttribute(key, value) }
  line.style.stroke = one.colour
  svg.append(line)
  return svg
}

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "")
const short = (label) => label.split(/[:：]/)[0]
const share = (one, value) => `${100 * Math.min(1, Math.max(0, (value - one.low) / (one.high - one.low)))}%`
