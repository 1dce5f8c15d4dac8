// The map of the stages with the sampled customers as dots. A film arrives once for each pair of strategies; from then
// on weeks are played here, without the server. Texts enter as textContent and attributes or are painted, never as HTML.

const NEAR = 10             // px around a dot in which a click means it
const MOVING = 0.7          // share of a week in which a dot is on its way
const HALF = 128            // how a value of nothing is stored
const SPEEDS = [1, 4, 12]   // weeks a second
const CALM_SPEED = 1
const SECONDS_TO_LOOK = 3
let n_journeys = 0

export function render({model}) {
  const id = `journey-${++n_journeys}`
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)")
  const root = make("div", {class: "journey"})
  const parts = {}
  let worlds = []                         // {stages, satisfaction, value}: Uint8Array, a row of frames for each customer
  let film = null, segments = [], weights = []
  let frame = 0, is_playing = false, before = 0, counted = -1
  let hovered = -1, turns = [0, 0], painting = 0

  const setup = () => model.setup
  const text = (key, values = {}) => setup().texts[key].replace(/\{(\w+)\}/g, (_, gap) => values[gap] ?? "")
  const number = (value) => new Intl.NumberFormat(setup().locale).format(value)
  const frames = () => film.weeks + 1
  const at = (one, i, k) => one[i * frames() + k]
  const whole_week = () => Math.floor(frame + 1e-6)   // the week that dots have reached or are leaving
  const index_of = (customer) => film ? film.customers.indexOf(customer) : -1
  const when = () => whole_week() === 0 ? text("start") : text("week_n", {n: number(whole_week() - 1)})

  // ------------------------------------------------------------ building

  function build() {
    parts.maps = setup().letters.map((one, side) => {
      const canvas = make("canvas", {class: "map", role: "img", "aria-label": `${one.letter} ${one.name}`})
      const head = make("h2", {}, [swatch(one), make("b", {}, [one.letter]), ` ${one.name}`])
      canvas.onclick = (event) => { const i = nearest(event, side); if (i >= 0) { choose(film.customers[i]) } }
      canvas.onpointermove = (event) => hover(nearest(event, side))
      canvas.onpointerleave = () => hover(-1)
      return {canvas, box: make("section", {class: "world"}, [head, canvas]), side}
    })
    parts.tip = make("div", {class: "tip", hidden: ""})
    parts.play = button("play", toggle, "primary")
    parts.back = button("step_back", () => step(-1))
    parts.on = button("step_on", () => step(1))
    parts.scrub = make("input", {type: "range", id: `${id}-week`, min: 0, step: 1, value: 0, class: "scrub"})
    parts.scrub.oninput = () => {
      const wanted = Number(parts.scrub.value)   // Pausing puts the slider back to where the weeks stopped.
      pause()
      show(wanted)
    }
    parts.when = make("output", {class: "when", for: `${id}-week`})
    parts.speed = select("speed", SPEEDS.map((one) => [one, text("weeks_a_second", {n: one})]), SPEEDS[1])
    parts.colour = select("colour_by", ["segment", "satisfaction", "value"].map((one) => [one, text(`by_${one}`)]),
      model.colour)
    parts.colour.onchange = () => { model.colour = parts.colour.value; legend(); paint() }
    parts.legend = make("ul", {class: "legend"})
    parts.parted = make("p", {class: "parted", role: "status"})
    parts.search = make("input", {type: "number", id: `${id}-customer`, min: 0, step: 1, inputmode: "numeric"})
    if (model.chosen >= 0) { parts.search.value = model.chosen }
    const find = make("form", {class: "find", novalidate: ""}, [
      make("label", {for: `${id}-customer`}, [text("customer_number")]), parts.search,
      make("button", {type: "submit"}, [text("show_life")]),
    ])
    find.onsubmit = (event) => {
      event.preventDefault()
      if (parts.search.value !== "") { choose(Number(parts.search.value)) }
    }
    const [a, b] = setup().letters.map((one) => one.letter)
    parts.left = [[a, b], [b, a]].map(([gone, kept], side) => {
      const one = make("button", {type: "button", class: "story"}, [text("left_stayed", {gone, kept})])
      one.onclick = () => { choose(film.left[side][turns[side]++ % film.left[side].length]) }
      return one
    })
    parts.cells = setup().stages.map(() => [make("td"), make("td")])
    parts.caption = make("caption")
    const table = make("table", {}, [
      parts.caption,
      make("thead", {}, [make("tr", {}, [make("th", {scope: "col"}, [text("stage")]),
        ...setup().letters.map((one) => make("th", {scope: "col"}, [swatch(one), ` ${one.letter}`]))])]),
      make("tbody", {}, setup().stages.map((one, k) =>
        make("tr", {}, [make("th", {scope: "row"}, [dot(one.colour), one.label]), ...parts.cells[k]]))),
    ])
    root.replaceChildren(
      make("div", {class: "deeds"}, [...parts.left, ...others(), find]),
      make("div", {class: "worlds"}, parts.maps.map((one) => one.box)),
      make("div", {class: "controls"}, [
        parts.back, parts.play, parts.on, make("label", {class: "unseen", for: `${id}-week`}, [text("week")]), parts.scrub,
        parts.when, labelled("speed", parts.speed), labelled("colour_by", parts.colour),
      ]),
      make("div", {class: "notes"}, [parts.legend, parts.parted]),
      make("details", {class: "counts"}, [make("summary", {}, [text("counts")]), table]),
      parts.tip,
    )
    legend()
    take()
  }

  /** Where there are more than two strategies: which one stands beside the first. */
  function others() {
    if (setup().others.length < 2) { return [] }
    const [first, second] = setup().letters.map((one) => one.letter)
    const one = select("compare_with", setup().others.map((letter) => [letter, letter]), second)
    one.onchange = () => model.send_msg({do: "pair", letter: one.value})
    return [make("span", {class: "choice"}, [make("label", {for: one.id}, [text("compare_with", {letter: first})]), one])]
  }

  function button(key, act, kind = "") {
    const one = make("button", {type: "button", class: kind}, [text(key)])
    one.onclick = act
    return one
  }

  function select(key, options, value) {
    const one = make("select", {id: `${id}-${key}`},
      options.map(([name, label]) => make("option", {value: name}, [String(label)])))
    one.value = value
    return one
  }

  const labelled = (key, one) => make("span", {class: "choice"}, [make("label", {for: one.id}, [text(key)]), one])

  function legend() {
    const by = parts.colour.value
    const colours = by === "segment" ? setup().groups
      : setup().ramp.map((colour, k) => ({colour, label: [text(`low_${by}`), "", text(`middle_${by}`), "", text(`high_${by}`)][k]}))
    const shapes = setup().kinds.length > 1 ? setup().kinds.map((label, k) => [shape_sign(k), label]) : []
    parts.legend.replaceChildren(
      ...colours.map((one) => make("li", {}, [dot(one.colour), one.label])),
      ...shapes.map((one) => make("li", {}, [one[0], one[1]])),
    )
  }

  // ------------------------------------------------------------ a film

  async function take() {
    pause()
    film = null
    root.classList.toggle("is-waiting", true)
    const sent = model.film
    if (!sent.worlds) { wait(); return }
    const unpacked = await Promise.all(sent.worlds.map(async (one) => ({
      stages: await unpack(one.stages, sent.weeks + 1),
      satisfaction: await unpack(one.satisfaction, sent.weeks + 1),
      value: await unpack(one.value, sent.weeks + 1),
    })))
    segments = await unpack(sent.segments, 1)
    if (sent !== model.film) { return }   // A newer one has come meanwhile.
    worlds = unpacked
    film = sent
    weights = setup().stages.map((_, k) => {
      let most = 0
      for (const {stages} of worlds) {
        for (let w = 0; w < frames(); w += 4) {
          let n = 0
          for (let i = 0; i < film.customers.length; i++) { n += at(stages, i, w) === k }
          most = Math.max(most, n)
        }
      }
      return most
    })
    root.classList.toggle("is-waiting", false)
    parts.scrub.max = film.weeks
    parts.search.max = film.market - 1
    parts.left.forEach((one, side) => {
      one.disabled = film.left[side].length === 0
      one.title = one.disabled ? text("nobody") : text("found", {n: number(film.left[side].length)})
    })
    turns = [0, 0]
    counted = -1
    for (const {canvas} of parts.maps) { canvas.setAttribute("aria-describedby", `${id}-counts`) }
    show(model.week < 0 ? 0 : Math.min(model.week, film.weeks))
  }

  function wait() {
    parts.parted.textContent = text("recording")
    parts.left.forEach((one) => { one.disabled = true })
    parts.maps.forEach(({canvas}) => canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height))
  }

  // ------------------------------------------------------------ playing

  function toggle() {
    if (is_playing) { pause(); return }
    if (!film) { return }
    if (frame >= film.weeks) { frame = 0 }
    is_playing = true
    before = performance.now()
    parts.play.textContent = text("pause")
    requestAnimationFrame(tick)
  }

  function pause() {
    is_playing = false
    parts.play.textContent = text("play")
    if (film) { show(Math.round(frame)) }
  }

  function tick(now) {
    if (!is_playing) { return }
    if (!root.clientWidth) { pause(); return }   // Another page of the lab lies over this one.
    const speed = calm.matches ? CALM_SPEED : Number(parts.speed.value)
    const next = frame + Math.min(0.25, (now - before) / 1000) * speed
    before = now
    if (next >= film.weeks) { frame = film.weeks; pause(); return }
    show(next)
    requestAnimationFrame(tick)
  }

  function step(by) {
    pause()
    show(Math.round(frame) + by)
  }

  function show(next) {
    if (!film) { return }
    frame = Math.max(0, Math.min(film.weeks, next))
    const whole = whole_week()
    parts.scrub.value = whole
    parts.scrub.setAttribute("aria-valuetext", when())
    parts.when.textContent = when()
    count(whole)
    if (!is_playing && model.week !== whole) { model.week = whole }
    paint()
  }

  function count(whole) {
    if (whole === counted) { return }
    counted = whole
    const totals = worlds.map(({stages}) => {
      const found = setup().stages.map(() => 0)
      for (let i = 0; i < film.customers.length; i++) { found[at(stages, i, whole)]++ }
      return found
    })
    parts.totals = totals
    parts.cells.forEach((cells, k) => cells.forEach((cell, side) => { cell.textContent = number(totals[side][k]) }))
    parts.caption.textContent = `${when()}: ${text("of_sample", {n: number(film.customers.length), all: number(film.market)})}`
    const parted = film.parted.filter((week) => week >= 0 && week < whole).length
    const all = {n: number(parted), all: number(film.customers.length)}
    if (!is_playing || whole % 13 === 0) { parts.parted.textContent = text("parted", all) }
    parts.maps.forEach(({canvas}, side) => canvas.setAttribute("aria-label", [
      setup().letters[side].letter, when(), ...setup().stages.map((one, k) => `${one.label} ${number(totals[side][k])}`),
    ].join(", ")))
  }

  // ------------------------------------------------------------ painting

  function paint() {
    if (!painting) { painting = requestAnimationFrame(() => { painting = 0; parts.maps.forEach(paint_map) }) }
  }

  function paint_map(map) {
    const {canvas, side} = map, width = canvas.clientWidth, height = canvas.clientHeight
    if (!film || !width) { return }
    const sharp = window.devicePixelRatio || 1, pen = canvas.getContext("2d")
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      canvas.width = Math.round(width * sharp)
      canvas.height = Math.round(height * sharp)
    }
    const style = getComputedStyle(root), ink = style.getPropertyValue("--ink"), soft = style.getPropertyValue("--soft")
    pen.setTransform(sharp, 0, 0, sharp, 0, 0)
    pen.clearRect(0, 0, width, height)
    map.rooms = rooms(setup(), weights, width, height)
    map.rooms.forEach((room, k) => {
      pen.globalAlpha = 0.16
      pen.fillStyle = setup().stages[k].colour
      pen.fillRect(room.x, room.y, room.width, room.height)
      pen.globalAlpha = 1
      pen.fillRect(room.x, room.y, room.is_row ? 4 : room.width, room.is_row ? room.height : 4)
      pen.font = `600 12px ${style.fontFamily}`
      pen.fillStyle = ink
      const label_y = room.is_row ? room.y + room.height / 2 - 1 : room.y + 19
      pen.fillText(setup().stages[k].label, room.x + 8, label_y, room.is_row ? 76 : room.width - 10)
      pen.font = `12px ${style.fontFamily}`
      pen.fillStyle = soft
      pen.fillText(number(parts.totals[side][k]), room.x + 8, label_y + 15)
    })
    const batches = new Map()
    const radius = width > 620 ? 3 : 2.4
    for (let i = 0; i < film.customers.length; i++) {
      const {x, y} = spot(map, i)
      const [colour, kind] = look(side, i)
      const key = `${colour} ${kind}`
      if (!batches.has(key)) { batches.set(key, new Path2D()) }
      trace(batches.get(key), kind, x, y, radius)
    }
    pen.globalAlpha = 0.88
    for (const [key, path] of batches) { pen.fillStyle = key.split(" ")[0]; pen.fill(path) }
    pen.globalAlpha = 1
    for (const i of new Set([hovered, index_of(model.chosen)])) {
      if (i < 0) { continue }
      const {x, y} = spot(map, i), path = new Path2D()
      trace(path, look(side, i)[1], x, y, radius + 1.5)
      pen.fillStyle = look(side, i)[0]
      pen.fill(path)
      pen.strokeStyle = ink
      pen.lineWidth = 2
      pen.beginPath()
      pen.arc(x, y, radius + 6, 0, 7)
      pen.stroke()
      pen.font = `700 13px ${style.fontFamily}`
      pen.lineWidth = 4
      pen.strokeStyle = style.getPropertyValue("--paper")
      const label = String(film.customers[i]), at_x = x + 60 > width ? x - radius - 10 - pen.measureText(label).width : x + radius + 10
      pen.strokeText(label, at_x, y + 4)
      pen.fillStyle = ink
      pen.fillText(label, at_x, y + 4)
    }
  }

  function spot(map, i) {
    const {stages} = worlds[map.side], whole = whole_week()
    const from = place(map.rooms[at(stages, i, whole)], i)
    if (whole >= film.weeks || calm.matches) { return from }
    const to = place(map.rooms[at(stages, i, whole + 1)], i)
    const gone = Math.min(1, (frame - whole) / MOVING), eased = gone * gone * (3 - 2 * gone)
    return {x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased}
  }

  function look(side, i) {
    const segment = setup().segments[segments[i]], whole = whole_week()
    const by = parts.colour.value, one = worlds[side]
    if (by === "segment") { return [setup().groups[segment[0]].colour, segment[1]] }
    const is_stranger = setup().strangers.includes(at(one.stages, i, whole))
    if (by === "satisfaction" && is_stranger) { return [setup().nothing, segment[1]] }
    const share = by === "satisfaction" ? at(one.satisfaction, i, whole) / 255
      : 0.5 + (at(one.value, i, whole) - HALF) / 255
    return [setup().ramp[Math.max(0, Math.min(4, Math.floor(5 * share)))], segment[1]]
  }

  // ------------------------------------------------------------ pointing and choosing

  function nearest(event, side) {
    if (!film || !parts.maps[side].rooms) { return -1 }
    const box = event.target.getBoundingClientRect()
    const x = event.clientX - box.left, y = event.clientY - box.top
    let best = -1, least = NEAR * NEAR
    for (let i = 0; i < film.customers.length; i++) {
      const there = spot(parts.maps[side], i), away = (there.x - x) ** 2 + (there.y - y) ** 2
      if (away < least) { least = away; best = i }
    }
    return best
  }

  function hover(i) {
    if (i === hovered) { return }
    hovered = i
    parts.maps.forEach(({canvas}) => {
      canvas.style.cursor = i < 0 ? "default" : "pointer"
      canvas.title = i < 0 ? "" : `${text("customer", {n: film.customers[i]})} · ${setup().segment_labels[segments[i]]}`
    })
    paint()
  }

  function choose(customer) {
    parts.search.value = customer
    model.send_msg({do: "choose", customer})
    const life = root.getRootNode().host?.nextElementSibling   // On a phone it lies below what is on view.
    if (root.clientWidth < WIDE) { life?.scrollIntoView({behavior: calm.matches ? "auto" : "smooth"}) }
  }

  /** A link of the life below leads to the rule without loading the page anew. */
  function follow(event) {
    const link = event.composedPath().find((one) => one.dataset?.rule && one.href)
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      model.send_msg({do: "rule", rule: link.dataset.rule})
    }
  }

  document.addEventListener("click", follow)
  model.on("film", take)
  model.on("setup", build)
  model.on("chosen", () => { if (model.chosen >= 0) { parts.search.value = model.chosen } paint() })
  const asking = setInterval(() => {   // What is told while a page is being set up can pass it by: it is asked for.
    if (film) { clearInterval(asking) } else if (root.clientWidth) { model.send_msg({do: "look"}) }
  }, 1000 * SECONDS_TO_LOOK)
  const size = new ResizeObserver(paint), theme = new MutationObserver(paint)
  size.observe(root)
  theme.observe(document.documentElement, {attributes: true})
  model.on("remove", () => {
    is_playing = false
    clearInterval(asking)
    size.disconnect()
    theme.disconnect()
    document.removeEventListener("click", follow)
  })
  build()
  return root
}
