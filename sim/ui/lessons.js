// Lessons: everything the server says is set as text, but for sections, which it has made into harmless HTML.
const STEPS = ["read", "forecast", "experiments", "questions", "debrief", "reflect", "teacher"]
const READ = ["story", "reading", "sources"]

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) { node[key] = value }
    else if (key === "html") { node.innerHTML = value }
    else if (value === true) { node.setAttribute(key, "") }
    else if (value !== false && value !== undefined && value !== null) { node.setAttribute(key, value) }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined))
  return node
}

function remembered(name) {
  try { return JSON.parse(localStorage.getItem(`crmsim-lesson-${name}`) || "null") } catch { return null }
}

function remember(kept) {
  try { localStorage.setItem(`crmsim-lesson-${kept.lesson}`, JSON.stringify(kept)) } catch { /* private window */ }
}

export function render({model}) {
  const root = make("div")
  const busy = make("p", {class: "busy", role: "status"})
  const told = make("p", {class: "told", role: "alert"})
  const body = make("div")
  root.append(busy, told, body)
  let asked = ""  // the lesson whose memory has been handed to the server
  let timer = 0
  let shown = ""  // what stands on the page
  let is_pressed = false  // a click under way would be lost if its button were made anew
  let is_late = false
  root.addEventListener("pointerdown", () => { is_pressed = true })
  window.addEventListener("pointerup", () => setTimeout(() => {
    is_pressed = false
    if (is_late) { is_late = false; show() }
  }, 0))

  const send = (message) => model.send_msg(message)
  const text = (key) => model.texts[key] || ""
  const number = (value, row) =>
    row.unit.replace("{value}", `${row.before}${new Intl.NumberFormat(model.locale, {maximumFractionDigits: 2}).format(value)}`)
  const button = (label, onclick, primary = false, disabled = false) =>
    make("button", {type: "button", class: primary ? "primary" : "", onclick, disabled: disabled || Boolean(model.busy)}, label)
  const prose = (html) => make("div", {class: "prose", html})
  const step = (name) => send({do: "step", step: name})

  function list() {
    return make("div", {class: "lessons"}, model.lessons.map((one) => {
      const kept = remembered(one.name)
      const state = kept ? `${Math.round(kept.points || 0)} / 100${kept.is_passed ? ` · ${text("done")}` : ""}` : ""
      return make("button", {type: "button", class: `tile${kept && kept.is_passed ? " passed" : ""}`, "data-lesson": one.name,
        onclick: () => send({do: "open", lesson: one.name})},
        make("span", {class: "number"}, one.number), make("h3", {}, one.title), make("span", {}, one.objective),
        make("span", {class: "soft"}, `${text("minutes").replace("{n}", one.minutes)} · ${one.covers}`),
        state ? make("span", {class: "points"}, state) : null)
    }))
  }

  function read(lesson) {
    const h = lesson.headings
    return make("section", {},
      make("h4", {}, text("objectives")), make("ul", {}, lesson.objectives.map((one) => make("li", {}, one))),
      READ.map((key) => [make("h3", {}, h[key]), prose(lesson.sections[key])]),
      make("div", {class: "row"}, button(text("step_forecast"), () => step("forecast"), true)))
  }

  function code(work) {
    const input = make("input", {type: "text", value: work.code, maxlength: 40, "aria-label": text("code"), name: "code"})
    return make("section", {}, make("h4", {}, text("code")), make("p", {class: "soft"}, text("code_hint")),
      make("div", {class: "row"}, input, button(text("begin_anew"), () => send({do: "code", code: input.value}))))
  }

  function forecast(lesson, work) {
    const fixed = work.is_made || Boolean(model.busy)
    const intervals = lesson.forecast.outcomes.map((one) => {
      const stated = work.stated[one.name] || ["", ""]
      const ends = [0, 1].map((k) => make("input", {type: "number", min: one.low, max: one.high, step: "any", value: stated[k],
        disabled: fixed, name: `${one.name}-${k}`}))
      for (const end of ends) {
        end.onchange = () => {
          if (ends.every((each) => each.value !== "")) {
            send({do: "forecast", outcome: one.name, low: Number(ends[0].value), high: Number(ends[1].value)})
          }
        }
      }
      return make("div", {class: "interval"}, make("h4", {}, `${one.label} (${one.form}; ${one.low} … ${one.high})`),
        make("div", {class: "row"}, make("label", {}, text("low"), ends[0]), make("label", {}, text("high"), ends[1])))
    })
    const reasons = lesson.forecast.reasons.map((one, k) => {
      const said = work.reasons[k]
      return make("div", {}, make("label", {class: "choice"},
        make("input", {type: "radio", name: "reason", checked: work.reason === k, disabled: fixed,
          onchange: () => send({do: "because", reason: k})}), one),
        said ? make("p", {class: `soft ${said.held ? "met" : "missed"}`}, `${text(said.held ? "reason_held" : "reason_not")} ${said.because}`) : null)
    })
    const came = work.calibration.map((one) => make("p", {class: one.hit ? "met" : "missed"}, `${one.label}: ${one.text}`))
    return [make("section", {}, make("p", {class: "prose"}, lesson.forecast.asks), make("p", {class: "soft"}, text("interval_hint")),
      intervals, make("h4", {}, text("why")), reasons,
      work.is_made
        ? make("div", {class: "row"}, make("p", {}, text("made")), button(text("step_experiments"), () => step("experiments"), true))
        : make("div", {class: "row"}, button(text("make"), () => send({do: "make"}), true)),
      came.length ? make("h4", {}, text("calibration_all")) : null, came), code(work)]
  }

  function lever(one, row, experiment, work) {
    const value = work.levers[one.path]
    const shown = make("output", {}, number(value, one))
    const input = make("input", {type: "range", min: one.low, max: one.high, step: "any", value, "aria-label": one.label, title: one.note})
    const settled = () => {
      const steps = Math.round((Number(input.value) - one.low) / one.step)
      return Math.min(one.high, one.low + steps * one.step)
    }
    input.oninput = () => { shown.textContent = number(settled(), one) }
    input.onchange = () => send({do: "move", experiment, lever: one.path, value: settled()})
    input.onkeydown = (event) => {
      const by = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}[event.key]
      if (by) {
        event.preventDefault()
        input.value = Math.min(one.high, Math.max(one.low, settled() + by * one.step))
        input.oninput()
        clearTimeout(timer)
        timer = setTimeout(input.onchange, 400)
      }
    }
    const moved = value !== work.start[one.path]
    return make("div", {class: `lever${moved ? " moved" : ""}`}, make("label", {title: one.note}, one.label), shown, input)
  }

  function table(heads, rows) {
    return make("div", {class: "scroll"}, make("table", {class: "rows"}, make("thead", {}, make("tr", {}, heads.map((head) => make("th", {scope: "col"}, head)))),
      make("tbody", {}, rows)))
  }

  function experiment(one, work) {
    const mine = work.experiments[one.name]
    const rows = mine.tried.map((row) => make("tr", {class: row.is_goal ? "goal" : ""},
      [row.label, row.before, row.after, row.change].map((cell) => make("td", {}, cell))))
    const verdict = mine.verdict.map((goal) => make("div", {}, make("p", {class: goal.is_met ? "met" : "missed"}, goal.goal),
      make("p", {class: "soft"}, `${goal.text} ${goal.luck}`)))
    return make("section", {"data-experiment": one.name}, make("h3", {}, one.title), make("p", {class: "prose"}, one.task),
      make("div", {class: "grid"},
        make("div", {}, one.levers.map((each) => lever(each, null, one.name, mine)), make("p", {class: "soft"}, mine.spent),
          make("div", {class: "row"},
            button(text("run"), () => send({do: "run", experiment: one.name}), true, !work.is_made),
            button(text("hand_in"), () => send({do: "hand_in", experiment: one.name}), false, !work.is_made),
            button(text("reset"), () => send({do: "reset", experiment: one.name}))),
          make("p", {class: "soft"}, text(work.is_made ? "hand_in_hint" : "locked"))),
        make("div", {}, make("h4", {}, text("goals")), make("ul", {}, one.goals.map((goal) => make("li", {}, goal))),
          rows.length ? table(["", `${one.versus}`, text("after"), text("change")], rows) : make("p", {class: "soft"}, text("nothing_tried")),
          verdict.length ? [make("h4", {}, text("verdict")), make("p", {}, mine.told), verdict] : null,
          mine.pushes.length ? [make("h4", {}, text("pushes")), mine.pushes.map((push) => make("p", {class: "soft"}, push))] : null)))
  }

  function questions(lesson, work) {
    return make("section", {}, make("p", {class: "soft"}, text("first_counts")), lesson.questions.map((one, k) => {
      const given = work.answers[String(k)] || []
      const last = given[given.length - 1]
      return make("fieldset", {"data-question": k, style: "border:0;padding:0;margin:0"}, make("legend", {class: "prose"}, one.asks),
        one.options.map((option, o) => make("label", {class: "choice"},
          make("input", {type: "radio", name: `question-${k}`, checked: Boolean(last) && last.option === o,
            onchange: () => send({do: "answer", question: k, option: o})}), option)),
        last ? make("p", {class: last.is_right ? "met" : "missed"}, `${text(last.is_right ? "right" : "wrong")} ${last.because}`) : null)
    }))
  }

  function debrief(lesson, work) {
    const pairs = lesson.debrief.map((one, k) => {
      const rows = model.pairs[String(k)]
      return make("section", {"data-pair": k}, make("h3", {}, one.asks), make("p", {class: "soft"}, `A: ${one.a} · B: ${one.b}`),
        rows ? [table(["", "A", "B", text("difference"), "±", ""], rows.map((row) => make("tr", {},
          [row.label, row.a, row.b, row.difference, row.half, row.verdict].map((cell) => make("td", {}, cell))))),
          make("p", {class: "prose"}, one.note)] : make("div", {class: "row"}, button(text("show_pair"), () => send({do: "pair", pair: k}), true, !work.is_made)))
    })
    const words = work.is_made ? make("section", {}, make("h3", {}, lesson.headings.debrief), prose(lesson.sections.debrief)) : null
    return [pairs, words]
  }

  function reflect(lesson, work) {
    const area = make("textarea", {"aria-label": lesson.headings.reflection, maxlength: 4000})
    area.value = work.reflection
    area.onchange = () => send({do: "reflect", text: area.value})
    return make("section", {}, make("h3", {}, lesson.headings.reflection), prose(lesson.sections.reflection), area,
      make("p", {class: "soft"}, text("reflect_hint")), make("p", {class: "points"}, `${work.grade.passed} ${work.grade.text}`),
      make("h3", {}, lesson.headings.try), prose(lesson.sections.try))
  }

  function content(lesson, work) {
    switch (model.step) {
      case "forecast": return forecast(lesson, work)
      case "experiments": return [lesson.experiments.map((one) => experiment(one, work)),
        work.is_made ? make("section", {}, make("h3", {}, lesson.headings.notice), prose(lesson.sections.notice)) : null]
      case "questions": return questions(lesson, work)
      case "debrief": return debrief(lesson, work)
      case "reflect": return reflect(lesson, work)
      case "teacher": return make("section", {}, lesson.teacher.map((part) => [make("h3", {}, part.head), prose(part.html)]))
      default: return read(lesson)
    }
  }

  function opened(lesson, work) {
    const tabs = STEPS.map((name) => make("button", {type: "button", role: "tab", "aria-selected": String(model.step === name),
      "data-step": name, onclick: () => step(name)}, text(`step_${name}`)))
    return make("div", {class: "lesson"},
      make("div", {class: "top"}, button(text("back"), () => send({do: "open", lesson: ""})), make("h2", {}, lesson.title),
        make("span", {class: "soft"}, `${text("minutes").replace("{n}", lesson.minutes)} · ${lesson.covers}${work.code ? ` · ${work.code}` : ""}`),
        make("span", {class: "points"}, work.grade.text)),
      make("div", {class: "steps", role: "tablist"}, tabs), content(lesson, work))
  }

  // What the student types or ticks stands on the page already; showing it anew would take away what is half typed.
  function shape() {
    const work = {...model.work, stated: 0, reason: 0, reflection: 0}
    return JSON.stringify([model.lesson.name, model.lesson.title, model.step, model.busy, model.pairs, work])
  }

  function show() {
    busy.textContent = model.busy
    told.textContent = model.told
    if (is_pressed) { is_late = true; return }
    if (shape() === shown) { return }
    shown = shape()
    const focused = root.getRootNode().activeElement
    const mark = focused && focused.getAttribute ? focused.getAttribute("aria-label") || focused.name : ""
    const lesson = model.lesson
    body.replaceChildren(lesson.name && model.work.grade ? opened(lesson, model.work) : list())
    if (mark) {
      const again = [...body.querySelectorAll("input, textarea")].find((one) => (one.getAttribute("aria-label") || one.name) === mark)
      if (again) { again.focus({preventScroll: true}) }
    }
    if (lesson.name && asked !== lesson.name) {
      asked = lesson.name
      const kept = remembered(lesson.name)
      if (kept) { send({do: "kept", kept}) }
    } else if (!lesson.name) {
      asked = ""
    }
  }

  let waiting = false
  function soon() {
    if (waiting) { return }
    waiting = true
    queueMicrotask(() => { waiting = false; show() })
  }
  for (const name of ["lesson", "work", "pairs", "step", "busy", "told"]) { model.on(name, soon) }
  model.on("kept", () => {
    // Nothing is kept before the memory of this lesson has been taken up, and nothing of a student who did nothing.
    const kept = model.kept
    const is_begun = kept.lesson && (kept.is_forecast_made || Object.keys(kept.stated).length || Object.keys(kept.answers).length || kept.reflection || kept.code)
    if (is_begun && asked === kept.lesson) { remember(kept) }
  })
  show()
  return root
}
