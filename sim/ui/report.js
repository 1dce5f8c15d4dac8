// Notes, the report's file, and a file that comes back. Texts enter as textContent and values, never as HTML.
// What the student writes is kept in this browser too, so that nothing is lost when the server restarts.

const SECONDS_OF_CALM = 0.8
const SECONDS_TO_LOOK = 2
const LESSON = "crmsim-lesson-"
const STORE = "crmsim-report-notes"
let n_reports = 0

export function render({model}) {
  const id = `report-${++n_reports}`
  const root = make("div", {class: "report"})
  const text = (key, values = {}) => model.texts[key].replace(/\{(\w+)\}/g, (_, gap) => values[gap] ?? "")
  const parts = {}
  let timer = 0

  function build() {
    parts.name = make("input", {type: "text", id: `${id}-name`, maxlength: model.limits.name, autocomplete: "name"})
    parts.notes = make("textarea", {id: `${id}-notes`, maxlength: model.limits.notes, rows: 10})
    parts.kept = make("p", {class: "soft", role: "status"})
    for (const field of [parts.name, parts.notes]) {
      field.oninput = () => { clearTimeout(timer); timer = setTimeout(keep, 1000 * SECONDS_OF_CALM) }
      field.onblur = keep
    }
    parts.make = make("button", {type: "button", class: "primary"}, [text("download")])
    parts.make.onclick = () => { keep(); parts.make.disabled = true; model.worked = lessons(); model.send_msg({do: "make"}) }
    parts.ready = make("p", {class: "soft", role: "status"})
    parts.file = make("input", {type: "file", id: `${id}-file`, accept: ".html,text/html", class: "unseen"})
    parts.file.onchange = load
    parts.told = make("p", {class: "told", role: "alert"})
    parts.history = make("ol", {})
    parts.none = make("p", {class: "soft"}, [text("no_history")])
    parts.yaml = make("button", {type: "button"}, [text("download_yaml")])
    parts.yaml.onclick = () => model.send_msg({do: "yaml"})
    parts.frame = make("iframe", {sandbox: "", title: text("preview"), hidden: ""})
    parts.look = make("details", {class: "look"}, [
      make("summary", {}, [text("preview")]), make("p", {class: "soft"}, [text("preview_hint")]), parts.frame,
    ])
    parts.look.open = model.is_open
    parts.look.ontoggle = () => {
      if (model.is_open !== parts.look.open) { model.worked = lessons(); model.is_open = parts.look.open }
    }
    root.replaceChildren(
      make("section", {}, [make("h2", {}, [text("notes_head")]), make("p", {class: "soft"}, [text("notes_hint")]),
        make("label", {for: `${id}-name`}, [text("name")]), parts.name,
        make("label", {for: `${id}-notes`}, [text("notes")]), parts.notes, parts.kept]),
      make("section", {}, [make("h2", {}, [text("file_head")]), make("p", {class: "soft"}, [text("file_hint")]),
        make("div", {class: "row"}, [parts.make, parts.yaml]), parts.ready,
        make("h2", {}, [text("load_head")]), make("p", {class: "soft"}, [text("load_hint")]),
        make("label", {class: "file", for: `${id}-file`}, [text("load"), parts.file]), parts.told]),
      make("section", {}, [make("h2", {}, [text("history_head")]), parts.history, parts.none]),
      parts.look,
    )
    recall()
    show()
    preview()
  }

  // A report is a page of its own; in this frame nothing of it runs.
  function preview() {
    parts.frame.hidden = !model.preview
    if (model.preview) { parts.frame.srcdoc = model.preview }
  }

  /** What is on the server counts; a server that knows nothing yet is told what this browser remembers. */
  function recall() {
    let kept = {}
    try { kept = JSON.parse(localStorage.getItem(STORE) ?? "{}") } catch { kept = {} }
    const is_empty = !model.written.name && !model.written.notes
    parts.name.value = is_empty ? String(kept.name ?? "") : model.written.name
    parts.notes.value = is_empty ? String(kept.notes ?? "") : model.written.notes
    // The server hears of it a moment later: a page that has just been opened cannot send yet.
    if (is_empty && (parts.name.value || parts.notes.value)) { timer = setTimeout(keep, 1000 * SECONDS_OF_CALM) }
  }

  function keep() {
    clearTimeout(timer)
    const now = {name: parts.name.value, notes: parts.notes.value}
    if (now.name === model.written.name && now.notes === model.written.notes) { return }
    model.written = now
    try { localStorage.setItem(STORE, JSON.stringify(now)) } catch { /* private windows keep nothing */ }
    parts.kept.textContent = text("kept")
  }

  /** What this browser remembers of lessons (lessons.js keeps it). */
  function lessons() {
    const found = []
    try {
      for (const key of Object.keys(localStorage).filter((one) => one.startsWith(LESSON))) {
        try { found.push(JSON.parse(localStorage.getItem(key))) } catch { /* not ours */ }
      }
    } catch { /* private windows keep nothing */ }
    return found
  }

  function remember() {
    for (const work of model.lessons) {
      try { localStorage.setItem(`${LESSON}${work.lesson}`, JSON.stringify(work)) } catch { /* nor here */ }
    }
  }

  function show() {
    parts.history.replaceChildren(...model.history.map((line) => make("li", {}, [line])))
    parts.history.hidden = !model.history.length
    parts.none.hidden = Boolean(model.history.length)
    parts.ready.textContent = model.state
    parts.make.disabled = !model.can_make
    parts.told.textContent = model.told
  }

  async function load() {
    const [file] = parts.file.files
    parts.file.value = ""
    if (!file) { return }
    if (file.size > model.limits.bytes) { parts.told.textContent = text("too_large"); return }
    parts.told.textContent = text("loading")
    model.send_msg({do: "load", text: await file.text()})
  }

  function save() {
    if (!model.made.text) { return }
    const url = URL.createObjectURL(new Blob([model.made.text], {type: `${model.made.type};charset=utf-8`}))
    const link = make("a", {href: url, download: model.made.name})
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10000)
    parts.make.disabled = !model.can_make
  }

  // An answer that came while the session was being set up may have passed this page by: it is asked for.
  const look = setInterval(() => {
    if (model.can_make) { clearInterval(look) } else if (root.clientWidth) { model.send_msg({do: "look"}) }
  }, 1000 * SECONDS_TO_LOOK)
  model.on("remove", () => clearInterval(look))
  model.on("preview", preview)
  model.on("made", save)
  model.on("lessons", remember)
  model.on("written", () => {
    if (document.activeElement !== parts.notes) { parts.notes.value = model.written.notes }
    parts.name.value = model.written.name
  })
  for (const name of ["history", "state", "can_make", "told"]) { model.on(name, show) }
  model.on("texts", build)
  build()
  return root
}

function make(name, attributes = {}, children = []) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
  element.append(...children)
  return element
}
