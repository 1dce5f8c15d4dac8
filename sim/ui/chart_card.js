// The card around a chart. Whatever text it shows comes through textContent alone.

export function render({model, view}) {
  const make = (name, attributes = {}, children = []) => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
    element.append(...children)
    return element
  }
  const {setup} = model
  const id = `chart-${setup.name}`
  const text = (key) => setup.texts[key]

  const legend = make("ul", {class: "legend"})
  const choices = make("div", {class: "choices"})
  const findings = make("ul", {class: "findings"})
  const task = make("div", {class: "task"})
  const picture = make("div", {class: "plot", "aria-hidden": "true"}, [model.get_child("plot")])
  const empty = make("p", {class: "empty"})
  const place = make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": `${text("table")}: ${setup.title}`})
  const details = make("details", {}, [make("summary", {}, [text("table")]), place])
  const png = make("button", {type: "button", "aria-label": `${text("picture_help")}: ${setup.title}`}, [text("picture")])
  const csv = make("button", {type: "button", "aria-label": `${text("csv_help")}: ${setup.title}`}, ["CSV"])
  const card = make("section", {class: "chart", "aria-labelledby": id, "data-chart": setup.name}, [
    make("h2", {id}, [setup.title]), make("p", {class: "note"}, [setup.note]),
    choices, legend, task, make("div", {class: "frame"}, [picture, empty]), findings,
    make("div", {class: "foot"}, [details, make("div", {class: "buttons"}, [png, csv])]),
  ])

  // ------------------------------------------------------------ showing

  function show_legend() {
    legend.replaceChildren(...model.legend.map((item) => make("li", {}, [look(item), item.label])))
    legend.hidden = !model.legend.length
  }

  function look(item) {
    const space = "http://www.w3.org/2000/svg"
    const svg = document.createElementNS(space, "svg")
    const put = (name, attributes) => {
      const part = document.createElementNS(space, name)
      for (const [key, value] of Object.entries(attributes)) { part.setAttribute(key, value) }
      svg.append(part)
    }
    const width = item.line ? 26 : 14
    for (const [key, value] of Object.entries({width, height: 12, viewBox: `0 0 ${width} 12`, "aria-hidden": true})) {
      svg.setAttribute(key, value)
    }
    if (item.line) {
      put("line", {
        x1: 1, x2: 25, y1: 6, y2: 6, "stroke-width": item.width, "stroke-dasharray": item.dash,
        style: `stroke: ${colour(item.line)}`,
      })
    } else {
      put("rect", {x: 1, y: 0.5, width: 12, height: 11, rx: 2, style: `fill: ${colour(item.fill)}`})
      const strokes = {"/": ["M1 11 L12 1"], "x": ["M1 11 L13 1", "M1 1 L13 11"], ".": ["M7 5 h1 M7 7 h1"]}[item.hatch] ?? []
      for (const d of strokes) { put("path", {d, stroke: "#fff", "stroke-width": 1.5}) }
    }
    return svg
  }

  const colour = (name) => name.startsWith("--") ? `var(${name})` : name

  function show_choices() {
    const shown = setup.choices.filter(({name}) => (model.options[name] ?? []).length > 1)
    choices.replaceChildren(...shown.map(({name, label}) => {
      const select = make("select", {"data-choice": name})
      for (const [value, words] of model.options[name]) { select.append(make("option", {value}, [words])) }
      const wished = model.choice[name]
      if (model.options[name].some(([value]) => value === wished)) { select.value = wished }
      select.onchange = () => { model.choice = {...model.choice, [name]: select.value} }
      return make("label", {}, [label, select])
    }))
    choices.hidden = !shown.length
  }

  function show_findings() {
    findings.replaceChildren(...model.findings.map((words) => make("li", {}, [words])))
    findings.hidden = !model.findings.length
  }

  function show_empty() {
    empty.textContent = model.empty
    empty.hidden = !model.empty
    picture.classList.toggle("is-hidden", Boolean(model.empty))
    png.disabled = Boolean(model.empty)
  }

  function show_task() {
    const {button, words, share} = model.task
    const parts = []
    if (words) { parts.push(make("span", {}, [words])) }
    if (share !== undefined) {
      parts.push(make("progress", {max: 1, value: share, "aria-label": words ?? setup.title}))
    }
    if (button) {
      const press = make("button", {type: "button", class: share === undefined ? "main" : ""}, [button])
      press.onclick = () => model.send_msg({do: share === undefined ? "start" : "cancel"})
      parts.push(press)
    }
    const had_focus = task.contains(view.shadow_el?.activeElement ?? null)
    task.replaceChildren(...parts)
    task.hidden = !parts.length
    if (had_focus) { task.querySelector("button")?.focus() }
  }

  function show_table() {
    if (!model.table.heads) { return }
    const {heads, rows, is_number} = model.table
    const cell = (name, column, words, more = {}) =>
      make(name, {...more, ...(is_number[column] ? {class: "number"} : {})}, [words])
    place.replaceChildren(make("table", {}, [
      make("caption", {}, [setup.title]),
      make("thead", {}, [make("tr", {}, heads.map((words, k) => cell("th", k, words, {scope: "col"})))]),
      make("tbody", {}, rows.map((row) => make("tr", {}, row.map((words, k) =>
        k === 0 ? cell("th", k, words, {scope: "row"}) : cell("td", k, words))))),
    ]))
  }

  // ------------------------------------------------------------ colours that follow the page from light to dark

  // A model's tag "line_color:--a" gives its line the colour of the CSS variable --a, "palette:--a,#333" a palette.
  function paint() {
    const style = getComputedStyle(card)
    const plot = model.plot
    if (!plot?.references) { return }
    for (const one of plot.references()) {
      for (const tag of one.tags ?? []) {
        const [property, names] = String(tag).split(":")
        const values = (names ?? "").split(",").map((name) => name.startsWith("--") ? style.getPropertyValue(name).trim() : name)
        if (!values.every(Boolean)) { continue }
        one.setv({[property]: property === "palette" ? values : {value: values[0]}}, {sync: false})
      }
    }
  }
  const watcher = new MutationObserver(() => { paint(); plot_view()?.request_paint?.() })
  watcher.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]})

  // The table says what the picture shows; the picture itself, which Bokeh would have focused, is passed over.
  function pass_over() {
    const events = plot_view()?.canvas_view?.events_el
    if (events) { events.tabIndex = -1 }
  }
  model.on("lifecycle:after_render", pass_over)
  model.on("lifecycle:after_layout", pass_over)

  // ------------------------------------------------------------ downloads

  const plot_view = () => view.get_child_view(model.plot)

  function save(name, blob) {
    const link = make("a", {href: URL.createObjectURL(blob), download: name})
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10000)
  }

  png.onclick = () => {
    const source = plot_view()?.export("auto", true)?.canvas
    if (source) { compose(source).toBlob((blob) => save(`${setup.name}.png`, blob)) }
  }
  csv.onclick = () => model.send_msg({do: "csv"})

  // The picture that is saved: title, note and legend above the plot, on the page's paper.
  function compose(source) {
    const style = getComputedStyle(card)
    const variable = (name) => style.getPropertyValue(name).trim()
    const ratio = window.devicePixelRatio || 1
    const [width, pad] = [source.width / ratio, 16]
    const pen = document.createElement("canvas").getContext("2d")
    const font = variable("--font") || "sans-serif"
    const [title_font, small_font] = [`600 17px ${font}`, `13px ${font}`]
    pen.font = title_font
    const titles = wrapped(pen, setup.title, width)
    pen.font = small_font
    const notes = [setup.note, ...model.findings].flatMap((words) => wrapped(pen, words, width))
    const items = []
    let [x, line] = [0, 0]
    for (const item of model.legend) {
      const wide = 32 + pen.measureText(item.label).width + 14
      if (x > 0 && x + wide > width) { x = 0; line += 1 }
      items.push({item, x, line})
      x += wide
    }
    const top = pad + 22 * titles.length + 18 * notes.length + (items.length ? 20 * (line + 1) + 6 : 0) + 6
    pen.canvas.width = (width + 2 * pad) * ratio
    pen.canvas.height = (top + source.height / ratio + pad) * ratio
    pen.scale(ratio, ratio)
    pen.fillStyle = variable("--paper") || "#fff"
    pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height)
    pen.textBaseline = "top"
    let y = pad
    const write = (lines, face, ink, height) => {
      pen.font = face
      pen.fillStyle = ink
      for (const words of lines) { pen.fillText(words, pad, y); y += height }
    }
    write(titles, title_font, variable("--ink"), 22)
    write(notes, small_font, variable("--soft"), 18)
    y += 6
    for (const {item, x, line} of items) {
      const ink = (item.line ?? item.fill).startsWith("--") ? variable(item.line ?? item.fill) : item.line ?? item.fill
      const at = y + 20 * line
      if (item.line) {
        pen.strokeStyle = ink
        pen.lineWidth = Number(item.width)
        pen.setLineDash(item.dash ? item.dash.split(" ").map(Number) : [])
        pen.beginPath(); pen.moveTo(pad + x, at + 7); pen.lineTo(pad + x + 25, at + 7); pen.stroke()
      } else {
        pen.fillStyle = ink
        pen.fillRect(pad + x + 8, at + 1, 13, 13)
      }
      pen.fillStyle = variable("--soft")
      pen.fillText(item.label, pad + x + 32, at)
    }
    pen.drawImage(source, pad, top, width, source.height / ratio)
    return pen.canvas
  }

  model.on("msg:custom", (message) => {
    const {file, text: words} = message?.data ?? message
    if (file) { save(file, new Blob([words], {type: "text/csv;charset=utf-8"})) }
  })
  details.ontoggle = () => { if (model.is_open !== details.open) { model.is_open = details.open } }
  model.on("legend", () => { show_legend(); paint() })  // New colours may have come with it.
  model.on("findings", show_findings)
  model.on("empty", show_empty)
  model.on("task", show_task)
  model.on("options", show_choices)
  model.on("table", show_table)
  model.on("remove", () => watcher.disconnect())
  details.open = model.is_open
  show_legend(); show_findings(); show_empty(); show_task(); show_choices(); show_table()
  setTimeout(paint)
  return card
}

// A text in lines no wider than `width`; Chinese breaks anywhere.
function wrapped(pen, words, width) {
  const lines = [""]
  for (const piece of words.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? []) {
    const longer = lines[lines.length - 1] + piece
    if (pen.measureText(longer.trimEnd()).width > width && lines[lines.length - 1]) { lines.push(piece) }
    else { lines[lines.length - 1] = longer }
  }
  return lines
}
