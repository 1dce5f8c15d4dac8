// The author's bench. Everything from the server is set as text; what is typed is sent when the hand rests.
const REST = 400 // ms
const STORE = "crmsim-author-text"
const STORE_OF_PACK = "crmsim-author-pack"

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) { node[key] = value }
    else if (value === true) { node.setAttribute(key, "") }
    else if (value !== false && value !== undefined && value !== null) { node.setAttribute(key, value) }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined))
  return node
}

function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined))
}

// The entries that may stand at a path of keys, by the schema.
function entriesAt(schema, keys) {
  const settle = (node) => {
    if (!node) { return {} }
    if (node.$ref) { return settle(schema.definitions[node.$ref.split("/").pop()]) }
    if (node.allOf) { return {...settle(node.allOf[0]), description: node.description} }
    if (node.anyOf) { return {...settle(node.anyOf.find((one) => one.$ref || one.properties || one.type === "object") || node.anyOf[0]), description: node.description} }
    return node
  }
  let node = settle(schema)
  for (const key of keys) {
    if (node.type === "array") { node = settle(node.items) }
    const next = (node.properties || {})[key] || node.additionalProperties
    if (!next || next === true) { return {} }
    node = settle(next)
  }
  if (node.type === "array") { node = settle(node.items) }
  return node
}

// The keys above a line, by its indentation, and the word being typed.
function placeOf(text, at) {
  const lines = text.slice(0, at).split("\n")
  const line = lines.pop()
  const shown = line.replace(/^(\s*)- /, "$1  ")
  let depth = shown.length - shown.trimStart().length
  const keys = []
  for (const above of lines.reverse()) {
    const found = /^(\s*(?:- )?)([\w.-]+):/.exec(above)
    if (found && !above.trimStart().startsWith("#") && found[1].length < depth) {
      keys.unshift(found[2])
      depth = found[1].replace("- ", "").length
    }
    if (depth === 0) { break }
  }
  const flow = line.lastIndexOf("{")
  if (flow > line.lastIndexOf("}")) {
    const owner = /([\w.-]+):\s*\{[^{}]*$/.exec(line)
    if (owner) { keys.push(owner[1]) }
  }
  const word = /[\w.-]*$/.exec(line)[0]
  const key = /([\w.-]+):[^:{]*$/.exec(line)
  return {keys, word, key: key ? key[1] : word, isKey: !/:\s+[^{]*$/.test(line.slice(Math.max(0, flow))) || flow >= 0 && /[{,]\s*[\w.-]*$/.test(line)}
}

export function render({model}) {
  const text = (key) => model.texts[key] || ""
  const schemas = Object.fromEntries(Object.entries(model.schemas).map(([kind, one]) => [kind, JSON.parse(one)]))
  const kind = () => model.form.kind || "scenario"
  /** Whatever is asked for concerns the text as it stands: what is still being typed goes first. */
  function send(message) {
    if (timer) { tell() }
    model.send_msg(message)
  }
  function tell() {
    clearTimeout(timer)
    timer = 0
    model.send_msg({do: "type", text: area.value})
  }
  const busy = make("p", {class: "busy", role: "status"})
  const told = make("p", {class: "told", role: "alert"})
  const gutter = make("div", {class: "gutter", "aria-hidden": "true"})
  const area = make("textarea", {spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": text("text_head"), maxlength: model.limit})
  const offers = make("div", {class: "offers", role: "listbox", "aria-label": text("offers"), hidden: true})
  const help = make("p", {class: "soft help"})
  const faults = make("div", {"aria-live": "polite"})
  const head = make("h2")
  const form = make("section")
  const results = make("section")
  const file = make("input", {type: "file", accept: ".yaml,.yml,.crmsim", class: "unseen"})
  const starts = make("select", {"aria-label": text("start_from")}, make("option", {value: ""}, text("start_from")),
    make("option", {value: "-"}, text("blank")), make("option", {value: "--"}, text("blank_lesson")), model.starts.map((one) => make("option", {value: one.name}, one.title)))
  const editor = make("div", {class: "editor"}, gutter, area, offers)
  const tools = make("div", {class: "row"}, starts, make("label", {class: "file"}, text("upload"), file))
  const root = make("div", {}, busy, told, make("div", {class: "bench"},
    make("section", {}, head, tools, editor, help, faults), form), results)
  root.style.display = "grid"
  root.style.gap = "12px"
  let timer = 0
  let picked = 0
  let is_drawing = false
  let offered = null  // the file sent last; kept beside the text if the server found others in it
  let saved = null  // what would not be lost: the text as it was begun, loaded or downloaded

  const button = (words, onclick, primary = false, waits = false) => make("button", {type: "button", class: primary ? "primary" : "", "data-key": words,
    "aria-disabled": waits || model.busy ? "true" : false, onclick: () => { if (!waits && !model.busy) { onclick() } }}, words)
  const mayReplace = () => saved === null || area.value === saved || window.confirm(text("confirm"))
  const keep = () => { try { localStorage.setItem(STORE, area.value) } catch { /* private window */ } }
  tools.append(
    button(text("download"), () => {
      const link = make("a", {href: URL.createObjectURL(new Blob([area.value], {type: "application/yaml"})), download: kind() === "lesson" ? "lesson.yaml" : "my_scenario.yaml"})
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 10000)
      saved = area.value
    }))
  starts.onchange = () => {
    if (starts.value && mayReplace()) { saved = null; send({do: "start", name: starts.value}) }
    starts.value = ""
  }
  file.onchange = async () => {
    const chosen = file.files[0]
    file.value = ""
    if (!chosen) { return }
    if (chosen.size > model.most) { told.textContent = text("too_large"); return }
    if (!mayReplace()) { return }
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    let letters = ""
    for (let k = 0; k < bytes.length; k += 8192) { letters += String.fromCharCode(...bytes.subarray(k, k + 8192)) }
    saved = null
    offered = {name: chosen.name, data: btoa(letters)}
    send({do: "upload", ...offered})
  }

  function numbers() {
    const n = area.value.split("\n").length
    const marked = new Map(model.faults.map((fault) => [fault.line, fault.text]))
    gutter.replaceChildren(...Array.from({length: n}, (_, k) => make("div", {class: marked.has(k + 1) ? "fault" : "", title: marked.get(k + 1)}, String(k + 1))))
    gutter.scrollTop = area.scrollTop
  }

  function typed(after = REST) {
    numbers()
    keep()
    clearTimeout(timer)
    timer = setTimeout(tell, after)
  }

  function go(line, column) {
    const lines = area.value.split("\n")
    const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1
    area.focus()
    area.setSelectionRange(at, at)
    area.scrollTop = Math.max(0, (line - 8) * 20)
  }

  function explain() {
    const place = placeOf(area.value, area.selectionStart)
    const here = entriesAt(schemas[kind()], place.keys)
    const entry = (here.properties || {})[place.key]
    const target = entry && entriesAt(schemas[kind()], [...place.keys, place.key])
    help.textContent = entry ? `${place.key}: ${entry.description || (target && target.description) || ""}` : text("help_hint")
  }

  function offer() {
    const place = placeOf(area.value, area.selectionStart)
    const names = Object.keys(entriesAt(schemas[kind()], place.keys).properties || {}).filter((name) => name.startsWith(place.word) && name !== place.word)
    offers.hidden = !names.length || !place.isKey
    picked = 0
    offers.replaceChildren(...names.slice(0, 40).map((name, k) => make("button", {type: "button", role: "option", tabindex: -1,
      "aria-selected": String(k === 0), onmousedown: (event) => { event.preventDefault(); complete(name) }}, name)))
    const line = area.value.slice(0, area.selectionStart).split("\n")
    offers.style.top = `${Math.min(330, line.length * 20 + 10 - area.scrollTop)}px`
    offers.style.left = `${Math.min(420, 54 + line[line.length - 1].length * 8)}px`
  }

  function complete(name) {
    const place = placeOf(area.value, area.selectionStart)
    const from = area.selectionStart - place.word.length
    area.setRangeText(`${name}: `, from, area.selectionStart, "end")
    offers.hidden = true
    typed()
    explain()
  }

  area.oninput = () => {
    typed()
    explain()
    if (placeOf(area.value, area.selectionStart).word) { offer() } else { offers.hidden = true }
  }
  area.onscroll = () => { gutter.scrollTop = area.scrollTop; offers.hidden = true }
  area.onclick = () => { explain(); offers.hidden = true }
  area.onblur = () => { offers.hidden = true }
  area.onkeydown = (event) => {
    const rows = [...offers.children]
    if (event.key === " " && event.ctrlKey) { event.preventDefault(); offer(); return }
    if (event.key === "Enter" && offers.hidden && !event.isComposing) {  // the new line begins where this one does
      const line = area.value.slice(0, area.selectionStart).split("\n").pop()
      const indent = /^\s*(?:- )?/.exec(line)[0].replace("-", " ") + (/:\s*$/.test(line) ? "  " : "")
      if (indent) { event.preventDefault(); document.execCommand("insertText", false, `\n${indent}`) }
      return
    }
    if (offers.hidden || !rows.length) { return }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      picked = (picked + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length
      rows.forEach((row, k) => row.setAttribute("aria-selected", String(k === picked)))
      rows[picked].scrollIntoView({block: "nearest"})
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault()
      complete(rows[picked].textContent)
    } else if (event.key === "Escape") { offers.hidden = true }
  }
  area.onkeyup = (event) => { if (event.key.startsWith("Arrow") && offers.hidden) { explain() } }

  function field(words, path, value, type = "number", disabled = false) {
    const input = make("input", {type, step: "any", value: value ?? "", name: path.join("."), "data-key": path.join("."), disabled: disabled || !model.form.can_change})
    const commit = () => {
      if (is_drawing || input.value === input.defaultValue) { return }  // a field that is taken away says that it has changed
      const given = type === "number" ? Number(input.value) : input.value
      if (input.value !== "" && !(typeof given === "number" && Number.isNaN(given))) {
        input.defaultValue = input.value
        send({do: "put", path, value: given})
      }
    }
    input.onchange = commit
    input.onblur = commit
    return make("label", {class: "field"}, words, input)
  }

  function part(name, content) {
    const own = model.form.own.includes(name)
    return make("details", {open: name === "segments", "data-part": name}, make("summary", {}, make("strong", {}, text(name))),
      own ? null : make("div", {class: "row"}, make("span", {class: "soft"}, text("inherited")), button(text("take_over"), () => send({do: "take_over", section: name}), false, !model.form.can_change)),
      content(own))
  }

  /** Draw the form anew; whoever stands in it stays there, with what is half typed. */
  function showForm() {
    const active = root.getRootNode().activeElement
    const key = form.contains(active) ? active.dataset.key : ""
    const typed = active && active.value !== active.defaultValue ? active.value : null
    is_drawing = true
    drawForm()
    is_drawing = false
    const again = key && [...form.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.disabled)
    if (again) {
      if (typed !== null && again.tagName === "INPUT") { again.value = typed }
      again.focus({preventScroll: true})
    }
  }

  function lessonForm(now) {
    return [make("p", {class: "soft"}, text("to_lesson")), now.experiments.map((one) => {
      const more = make("select", {"aria-label": `${one.label}: ${text("unlock")}`, "data-key": `unlock-${one.name}`, disabled: !now.can_change},
        make("option", {value: ""}, text("unlock")), now.levers.filter((each) => !one.levers.some((its) => its.path === each.path)).map((each) => make("option", {value: each.path}, each.label)))
      more.onchange = () => { if (more.value) { send({do: "unlock", experiment: one.name, lever: more.value}) } }
      return make("fieldset", {"data-experiment": one.name}, make("legend", {}, make("strong", {}, one.label), ` · ${text("unlocked")}`),
        make("ul", {class: "levers"}, one.levers.map((its) => make("li", {}, its.label,
          make("button", {type: "button", "aria-label": `${text("remove")}: ${its.label}`, "data-key": `${one.name}/${its.path}`, onclick: () => send({do: "lock", experiment: one.name, lever: its.path})}, "✕")))), more)
    })]
  }

  function drawForm() {
    const now = model.form
    head.textContent = text(kind() === "lesson" ? "lesson_head" : "text_head")
    if (!now.market) { return }
    if (kind() === "lesson") {
      fill(form, make("h2", {}, text("form_head")), now.can_change ? "" : make("p", {class: "soft"}, text("unreadable")),
        field(text("title_en"), ["title", "en"], now.title[0], "text"), field(text("title_zh"), ["title", "zh"], now.title[1], "text"),
        ["minutes", "customers", "worlds"].map((each) => field(text(each), [each], now.market[each])), lessonForm(now))
      return
    }
    const unfolded = new Set([...form.querySelectorAll("details[open]")].map((one) => one.dataset.part))
    const weeks = Number(now.market.weeks) || 104
    const events = (own) => [
      make("div", {class: "timeline", role: "img", "aria-label": text("events")}, now.events.map((one) => make("span", {
        title: `${one.label} (${one.week})`, style: `left:${Math.min(99, 100 * Number(one.week) / weeks)}%;width:${Math.min(100, 100 * (Number(one.weeks) || weeks) / weeks)}%;max-width:${Math.max(1, 100 - 100 * Number(one.week) / weeks)}%`}))),
      now.events.map((one, k) => make("div", {}, make("h3", {}, `${one.label}${one.firm ? ` · ${one.firm}` : ""}`),
        field(text("week"), ["events", k, "week"], one.week, "number", !own), field(text("lasts"), ["events", k, "weeks"], one.weeks, "number", !own),
        own ? button(text("remove"), () => send({do: "remove_event", event: k}), false, !now.can_change) : null)),
      own || !now.events.length ? button(text("add_event"), () => send({do: "add_event"}), false, !now.can_change) : null]
    fill(form, make("h2", {}, text("form_head")), now.can_change ? "" : make("p", {class: "soft"}, text("unreadable")),
      field(text("title_en"), ["title", "en"], now.title[0], "text"), field(text("title_zh"), ["title", "zh"], now.title[1], "text"),
      ["customers", "weeks", "budget", "reference_price"].map((key) => field(text(key), ["market", key], now.market[key])),
      part("segments", (own) => now.segments.map((one) => field(`${one.label || one.name}: ${text("share")}`, ["segments", one.name, "share"], one.share, "number", !own))),
      part("firms", (own) => now.firms.map((one) => make("div", {}, make("h3", {}, one.label || one.name),
        ["standing", "awareness", "unit_cost"].map((key) => field(text(key), ["firms", one.name, key], one[key], "number", !own)),
        field(text("list_price"), ["firms", one.name, "levers", "pricing", "list_price"], one.list_price, "number", !own)))),
      part("events", events))
    if (unfolded.size) { for (const one of form.querySelectorAll("details")) { one.open = unfolded.has(one.dataset.part) } }
  }

  function showFaults() {
    numbers()
    fill(faults, model.faults.length
      ? make("ul", {class: "faults", "aria-label": text("faults")}, model.faults.map((fault) => make("li", {}, make("button", {type: "button", onclick: () => go(Math.max(1, fault.line), Math.max(1, fault.column))},
          `${fault.line ? `${text("line").replace("{n}", fault.line)}: ` : ""}${fault.text}`))))
      : make("p", {class: "soft"}, text("no_faults")))
  }

  function showResults() {
    const key = results.contains(root.getRootNode().activeElement) ? root.getRootNode().activeElement.dataset.key : ""
    drawResults()
    if (key) { [...results.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus({preventScroll: true}) }
  }

  function drawResults() {
    const now = model.results
    fill(results, make("div", {class: "row"}, button(text("preview"), () => send({do: "preview"}), true), button(text("lint"), () => send({do: "lint"})), button(text("lab"), () => send({do: "lab"}))),
      now.rows ? make("div", {class: "scroll", tabindex: 0, role: "group", "aria-label": text("preview")}, make("table", {}, make("thead", {}, make("tr", {}, now.heads.map((head) => make("th", {scope: "col"}, head)))),
        make("tbody", {}, now.rows.map((row) => make("tr", {}, row.map((cell) => make("td", {}, cell))))))) : null,
      now.stages ? [make("h3", {}, text("stages")), now.stages.map((one) => {
        const all = one.counts.reduce((sum, n) => sum + n, 0) || 1
        return make("div", {}, make("span", {class: "soft"}, one.strategy), make("div", {class: "stages", role: "img", "aria-label": `${one.strategy}: ${one.counts.map((n, k) => `${now.stage_names[k]} ${n}`).join(", ")}`}, one.counts.map((n, k) =>
          make("span", {style: `width:${100 * n / all}%;background:${now.stage_colours[k]}`, title: `${now.stage_names[k]}: ${n}`}))))
      }), make("ul", {class: "key"}, now.stage_names.map((name, k) => make("li", {}, make("i", {style: `background:${now.stage_colours[k]}`}), name)))] : null,
      now.is_linted ? make("h3", {}, text("lint")) : null,
      now.is_linted ? (now.findings.length ? make("ul", {class: "findings"}, now.findings.map((one) => make("li", {}, one))) : make("p", {}, text("nothing_found"))) : null)
  }

  model.on("text", () => {
    if (area.value !== model.text) {
      const at = area.selectionStart
      const top = area.scrollTop
      area.value = model.text
      area.setSelectionRange(at, at)
      area.scrollTop = top
      numbers()
    }
    if (saved === null) { saved = area.value }
    keep()
  })
  model.on("faults", () => { if (!timer) { showFaults() } })
  model.on("brought", () => {
    try {
      if (!model.brought) { localStorage.removeItem(STORE_OF_PACK) } else if (offered) { localStorage.setItem(STORE_OF_PACK, JSON.stringify(offered)) }
    } catch { /* private window, or no room */ }
  })
  model.on("form", showForm)
  model.on("results", showResults)
  model.on("busy", () => { busy.textContent = model.busy; showResults() })
  model.on("told", () => { told.textContent = model.told })
  area.value = model.text
  showFaults()
  showForm()
  showResults()
  explain()
  // What this browser remembers counts where the server knows of nothing: after a reload.
  let kept = null, pack = null
  try {
    kept = localStorage.getItem(STORE)
    pack = JSON.parse(localStorage.getItem(STORE_OF_PACK))
  } catch { /* private window */ }
  if (model.is_fresh && kept && kept !== model.text && kept.length <= model.limit) {
    area.value = kept
    saved = ""
    numbers()
    if (pack) { send({...pack, do: "recall", text: kept}) } else { timer = setTimeout(tell, REST) }
  } else { saved = model.is_fresh ? area.value : "" }
  return root
}
