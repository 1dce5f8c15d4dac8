// The week as a picture, and every rule behind it with its own curve. All texts enter as textContent, never as HTML.
// Curves are drawn by the rules themselves, on the server: a slider asks, numbers come back.

const WIDEST = 620, NARROWEST = 260, HEIGHT = 240, LEFT = 52, RIGHT = 12, TOP = 12, BOTTOM = 34
const POINTS_IN_TABLE = 11

export function render({model}) {
  const root = make("div", {class: "how"})
  const setup = () => model.setup
  const text = (key, values = {}) => setup().texts[key].replace(/\{(\w+)\}/g, (_, gap) => values[gap] ?? "")
  const number = (value, digits = 3) =>
    value === null ? "–" : new Intl.NumberFormat(setup().locale, {maximumSignificantDigits: digits}).format(value)
  const cards = new Map()    // rule → what its card is made of, once it was opened
  let parts = {}

  // ------------------------------------------------------------ the week

  function build() {
    cards.clear()
    parts = {steps: {}}
    const week = make("ol", {class: "week", "aria-label": text("week_title")})
    const after = make("div", {class: "after"}, [make("span", {}, [text("after")])])
    setup().phases.forEach((phase, k) => {
      const step = make("button", {type: "button", class: "step"}, [
        make("span", {class: "number"}, [phase.is_after ? "" : String(k + 1)]),
        make("b", {}, [phase.label]), make("small", {}, [phase.question]),
      ])
      step.onclick = () => { model.place = {phase: phase.name} }
      parts.steps[phase.name] = step
      if (phase.is_after) { after.append(step) } else { week.append(make("li", {}, [step])) }
    })
    parts.panel = make("section", {class: "panel", "aria-live": "polite"})
    root.replaceChildren(
      make("div", {class: "round"}, [week, make("p", {class: "again"}, [`↻ ${text("again")}`]), after]),
      parts.panel, numbers(), ...laws(),
    )
    show()
  }

  function show() {
    const rule = setup().rules[model.place.rule] ? model.place.rule : ""
    const phase = setup().phases.find((one) => one.name === model.place.phase)
      ?? setup().phases.find((one) => one.rules.includes(rule)) ?? setup().phases[0]
    for (const [name, step] of Object.entries(parts.steps)) {
      step.setAttribute("aria-current", name === phase.name ? "step" : "false")
    }
    if (parts.shown !== phase.name) {
      parts.shown = phase.name
      parts.panel.replaceChildren(
        make("h2", {}, [phase.is_after ? phase.question : `${setup().phases.indexOf(phase) + 1}. ${phase.question}`]),
        facts(phase),
        make("h3", {}, [phase.rules.length ? text("rules_n", {n: phase.rules.length}) : text("no_rules")]),
        ...phase.rules.map(card),
      )
    }
    if (rule && cards.has(rule) && !cards.get(rule).box.open) {
      cards.get(rule).box.open = true
      cards.get(rule).box.scrollIntoView({block: "nearest"})
    }
  }

  function facts(phase) {
    const row = (key, names) => [
      make("dt", {}, [text(key)]),
      make("dd", {}, names.length ? grouped(names) : [text("nothing")]),
    ]
    return make("dl", {class: "facts"}, [
      ...phase.is_after ? [] : ["reads", "writes", "draws"].flatMap((key) => row(key, phase[key])), ...row("covers", phase.covers),
    ])
  }

  /** Columns by the record they stand in: "relation.trust", "relation.habit" → the relationship's trust and habit. */
  function grouped(names) {
    const owners = new Map()
    for (const name of names) {
      const [owner, column] = name.includes(".") ? name.split(".") : ["", name]
      owners.set(owner, [...owners.get(owner) ?? [], column])
    }
    return [...owners].map(([owner, columns]) => make("span", {class: "owner"}, [
      ...owner ? [make("b", {"data-record": owner}, [setup().owners[owner] ?? owner])] : [],
      ...columns.map((column) => make("code", {}, [column])),
    ]))
  }

  // ------------------------------------------------------------ one rule

  function card(name) {
    const rule = setup().rules[name]
    const box = make("details", {class: "rule", "data-rule": name}, [
      make("summary", {}, [make("code", {}, [name]), make("span", {}, [rule.sentence]), tag(rule.evidence)]),
    ])
    const one = {box, name, rule, along: rule.along, values: Object.fromEntries(rule.arguments.map((a) => [a.name, a.value]))}
    cards.set(name, one)
    box.ontoggle = () => {
      if (box.open && !one.curve) {
        open(one)
        if (model.curve.rule === name) { drawn() } else { ask(one) }   // The address's own rule comes with its curve.
      }
      if (box.open && model.place.rule !== name) { model.place = {rule: name} }
    }
    return box
  }

  const tag = (kind) => make("span", {class: `tag is-${kind}`, title: text(`evidence_${kind}_note`)}, [text(`evidence_${kind}`)])

  function open(one) {
    const {rule} = one
    one.curve = make("div", {class: "curve"})
    one.rows = {}
    const sliders = rule.arguments.map((argument) => {
      const id = `how-${one.name.replace(".", "-")}-${argument.name}`
      const input = make("input", {type: "range", id, min: argument.low, max: argument.high, step: argument.step})
      input.value = argument.value
      const value = make("output", {for: id}, [number(argument.value)])
      input.oninput = () => {
        one.values[argument.name] = Number(input.value)
        value.textContent = number(Number(input.value))
        ask(one)
      }
      const along = make("input", {type: "radio", name: `along-${one.name}`, value: argument.name,
        "aria-label": text("along_n", {name: argument.label})})
      along.checked = argument.name === one.along
      along.onchange = () => { one.along = argument.name; ask(one) }
      return make("li", {}, [
        along, make("label", {for: id, title: argument.note}, [argument.label]), value, input,
        make("small", {}, [argument.note]),
      ])
    })
    one.box.append(make("div", {class: "body"}, [
      make("div", {class: "play"}, [
        one.curve,
        make("div", {}, [make("p", {class: "hint"}, [text("sliders")]), make("ul", {class: "sliders"}, sliders)]),
      ]),
      make("h4", {}, [text("formula")]), make("pre", {tabindex: "0"}, [make("code", {}, [rule.code])]),
      make("p", {class: "source"}, [`${text("gives")} ${rule.result || "–"} · ${text("source")} ${rule.source} · `,
        make("code", {}, [rule.place])]),
    ]))
  }

  function ask(one) {
    model.send_msg({do: "curve", rule: one.name, along: one.along, values: one.values})
  }

  function drawn() {
    const one = cards.get(model.curve.rule)
    if (!one?.curve || model.curve.along !== one.along) { return }
    const argument = one.rule.arguments.find((each) => each.name === one.along)
    const width = Math.max(NARROWEST, Math.min(WIDEST, one.curve.clientWidth || WIDEST))
    const points = model.curve.points.filter(([, y]) => y !== null)
    const ys = points.map(([, y]) => y)
    const ticks = ticks_of(Math.min(0, ...ys), Math.max(0, ...ys)), low = ticks[0], high = ticks.at(-1)
    const x_of = (x) => LEFT + (width - LEFT - RIGHT) * (x - argument.low) / (argument.high - argument.low)
    const y_of = (y) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - low) / (high - low)
    const grid = ticks.flatMap((y) => {
      return [draw("line", {x1: LEFT, x2: width - RIGHT, y1: y_of(y), y2: y_of(y), class: "grid"}),
        draw("text", {x: LEFT - 6, y: y_of(y) + 4, "text-anchor": "end"}, number(y))]
    })
    const ends = [[argument.low, "start"], [argument.high, "end"]].map(([x, anchor]) =>
      draw("text", {x: x_of(x), y: HEIGHT - BOTTOM + 16, "text-anchor": anchor}, number(x)))
    const here = nearest(points, one.values[one.along])
    const svg = draw("svg", {viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": text("curve_of", {
      rule: one.name, along: argument.label, low: number(ys[0] ?? null), high: number(ys.at(-1) ?? null)})})
    svg.append(...grid, ...ends,
      draw("text", {x: (LEFT + width) / 2, y: HEIGHT - 4, "text-anchor": "middle", class: "axis"}, argument.label),
      draw("polyline", {points: points.map(([x, y]) => `${x_of(x)},${y_of(y)}`).join(" "), class: "line"}))
    if (here) {
      svg.append(draw("circle", {cx: x_of(here[0]), cy: y_of(here[1]), r: 5, class: "here"}),
        draw("text", {x: Math.min(x_of(here[0]) + 8, width - 46), y: Math.max(y_of(here[1]) - 8, 12), class: "value"}, number(here[1])))
    }
    one.curve.replaceChildren(svg, table_of(model.curve.points, argument))
  }

  function table_of(points, argument) {
    const every = Math.max(1, Math.floor((points.length - 1) / (POINTS_IN_TABLE - 1)))
    const rows = points.filter((_, k) => k % every === 0)
    return make("details", {class: "numbers"}, [
      make("summary", {}, [text("table")]),
      table([argument.label, text("result")], rows.map((row) => row.map((value) => number(value, 4)))),
    ])
  }

  // ------------------------------------------------------------ numbers and laws

  function numbers() {
    const search = make("input", {type: "search", id: "how-search", placeholder: text("search_hint")})
    const place = make("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": text("numbers")})
    const fill = () => {
      const wanted = search.value.trim().toLowerCase()
      const rows = setup().parameters.filter((one) => one.join(" ").toLowerCase().includes(wanted))
      place.replaceChildren(table(setup().parameter_heads, rows))
    }
    search.oninput = fill
    const box = make("details", {class: "section"}, [
      make("summary", {}, [`${text("numbers")} (${setup().parameters.length})`]),
      make("p", {class: "hint"}, [make("label", {for: "how-search"}, [text("search")]), " ", search]), place,
    ])
    box.ontoggle = () => { if (box.open && !place.firstChild) { fill() } }
    return box
  }

  function laws() {
    if (!setup().laws.length) { return [] }
    const place = make("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": text("laws")})
    const box = make("details", {class: "section"}, [
      make("summary", {}, [`${text("laws")} (${setup().laws.length})`]), make("p", {class: "hint"}, [text("laws_note")]), place,
    ])
    box.ontoggle = () => { if (box.open && !place.firstChild) { place.append(table(setup().law_heads, setup().laws)) } }
    return [box]
  }

  model.on("setup", build)
  model.on("place", show)
  model.on("curve", drawn)
  build()
  return root
}

/** Round numbers from below the least to above the greatest. */
function ticks_of(least, greatest) {
  const span = greatest - least || 1, power = 10 ** Math.floor(Math.log10(span / 4))
  const step = [1, 2, 5, 10].map((lead) => lead * power).find((one) => span / one <= 5)
  const first = Math.floor(least / step + 1e-9), last = Math.max(first + 1, Math.ceil(greatest / step - 1e-9))
  return Array.from({length: last - first + 1}, (_, k) => Number(((first + k) * step).toPrecision(10)))
}

function nearest(points, x) {
  return points.reduce((best, point) => !best || Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best, null)
}

function table(heads, rows) {
  return make("table", {}, [
    make("thead", {}, [make("tr", {}, heads.map((head) => make("th", {scope: "col"}, [head])))]),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell, k) =>
      make(k ? "td" : "th", k ? {} : {scope: "row"}, [cell]))))),
  ])
}

function draw(name, attributes, content = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
  element.textContent = content
  return element
}

function make(name, attributes = {}, children = []) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
  element.append(...children)
  return element
}
