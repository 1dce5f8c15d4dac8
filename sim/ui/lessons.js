// Lessons: everything the server says is set as text, but for sections, which it has made into harmless HTML.
const STEPS = ["read", "forecast", "experiments", "questions", "debrief", "reflect", "teacher"]
const READ = ["story", "reading", "sources"]
const REST = 500 // ms without a key until what is being typed is sent

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
  const busy = make("p", {class: "busy", role: "status"})
  const told = make("p", {class: "told", role: "alert"})
  const body = make("div")
  const root = make("div", {class: "page"}, make("div", {class: "state"}, busy, told), body)
  let asked = ""  // the lesson whose memory has been handed to the server
  let shown = ""  // what stands on the page
  let place = ""  // lesson and step that stand on it
  let drafts = {}  // what is typed or ticked and not yet the server's, by key
  let is_pressed = false  // a click under way would be lost if its button were made anew
  let is_late = false
  let pending = null  // what has been moved or typed and is sent when the hand rests, or before anything else is
  let timer = 0
  const released = () => setTimeout(() => {
    is_pressed = false
    if (is_late) { is_late = false; show() }
  }, 0)
  root.addEventListener("pointerdown", () => { is_pressed = true })
  for (const name of ["pointerup", "pointercancel"]) { window.addEventListener(name, released) }
  model.on("remove", () => { for (const name of ["pointerup", "pointercancel"]) { window.removeEventListener(name, released) } })

  function send(message) {
    flush()
    model.send_msg(message)
  }
  function flush() {
    clearTimeout(timer)
    const last = pending
    pending = null
    if (last) { model.send_msg(last()) }
  }
  function soonSend(message) {
    clearTimeout(timer)
    pending = message
    timer = setTimeout(flush, REST)
  }
  const text = (key, values = {}) => (model.texts[key] || "").replace(/\{(\w+)\}/g, (_, gap) => values[gap] ?? "")
  const written = (value, digits = 2) => new Intl.NumberFormat(model.locale, {maximumFractionDigits: digits}).format(value).replace("-", "−")
  const number = (value, row) => row.unit.replace("{value}", `${row.before}${written(value)}`)
  const prose = (html) => make("div", {class: "prose", html})
  const step = (name) => send({do: "step", step: name})

  /** A button that keeps the focus while it waits: `key` names it from one drawing to the next. */
  function button(key, label, onclick, {primary = false, disabled = false} = {}) {
    const waits = disabled || Boolean(model.busy)
    return make("button", {type: "button", class: primary ? "primary" : "", "data-key": key, "aria-disabled": waits ? "true" : false,
      onclick: () => { if (!waits) { onclick() } }}, label)
  }

  const section = (title, attributes, ...children) => make("section", attributes, make("h2", {}, title), ...children)

  function list() {
    const lessons = model.lessons.map((one) => ({...one, kept: remembered(one.name)}))
    const passed = lessons.filter((one) => one.kept && one.kept.is_passed)
    const next = lessons.find((one) => !(one.kept && one.kept.is_passed))
    const open = (one) => send({do: "open", lesson: one.name})
    const rows = lessons.map((one) => {
      const is_passed = Boolean(one.kept && one.kept.is_passed)
      const points = one.kept ? `${Math.round(Number(one.kept.points) || 0)} / 100` : ""
      return make("li", {}, make("a", {href: `?page=lessons&lesson=${one.name}&lang=${model.locale.slice(0, 2)}`, class: `tile${is_passed ? " passed" : ""}`, "data-lesson": one.name, "data-key": one.name,
        onclick: (event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(one) } }},
        make("span", {class: "number", "aria-hidden": "true"}, String(Number(one.number) || one.number)),
        make("span", {class: "what"}, make("strong", {}, one.title), make("span", {}, one.objective)),
        make("span", {class: "soft both"}, make("span", {}, text("minutes", {n: one.minutes})), make("span", {}, one.covers)),
        make("span", {class: "points both"}, one.kept ? [make("span", {}, is_passed ? `✓ ${text("done")}` : text("under_way")), make("span", {}, points)] : null)))
    })
    return make("div", {class: "course"}, make("header", {}, make("h1", {}, text("title")), make("p", {class: "soft"}, text("note"))),
      make("div", {class: "row"}, make("progress", {max: lessons.length || 1, value: passed.length, "aria-label": text("done")}),
        make("span", {}, next ? text("progress", {n: passed.length, all: lessons.length}) : text("all_done", {all: lessons.length})),
        next ? button("next", text(lessons.some((one) => one.kept) ? "continue" : "begin", {title: next.title}), () => open(next), {primary: true}) : null),
      make("ol", {}, rows))
  }

  function read(lesson) {
    const h = lesson.headings
    return make("section", {},
      make("h2", {}, text("objectives")), make("ul", {class: "prose"}, lesson.objectives.map((one) => make("li", {}, one))),
      READ.map((key) => [make("h2", {}, h[key]), prose(lesson.sections[key])]))
  }

  function code(work) {
    const input = make("input", {type: "text", value: drafts.code ?? work.code, maxlength: 40, "aria-label": text("code"), name: "code", "data-key": "code"})
    input.oninput = () => { drafts.code = input.value }
    const begin = () => {
      if (model.work.is_begun && !window.confirm(text("confirm"))) { return }
      drafts = {}
      send({do: "code", code: input.value})
    }
    return section(text("code"), {}, make("p", {class: "soft"}, text("code_hint")),
      make("div", {class: "row"}, input, button("begin", text("begin_anew"), begin)))
  }

  function interval(one, work, fixed) {
    const stated = work.stated[one.name]
    const ends = ["low", "high"].map((end, k) => {
      const key = `${one.name}-${k}`
      const value = drafts[key] ?? (stated ? String(Math.round(stated[k] * one.factor * 1e9) / 1e9) : "")
      return make("input", {type: "number", min: one.low, max: one.high, step: "any", value, disabled: fixed, name: key, "data-key": key,
        "aria-label": `${one.label}: ${text(end)}`})
    })
    for (const [k, end] of ends.entries()) {
      end.oninput = () => { drafts[end.name] = end.value }
      end.onchange = () => {
        if (end.value !== "") { drafts[end.name] = end.value = String(Math.min(one.high, Math.max(one.low, Number(end.value)))) }
        const values = ends.map((each) => Number(each.value) / one.factor)
        if (ends.every((each) => each.value !== "") && (k || values[0] <= values[1])) {
          send({do: "forecast", outcome: one.name, low: values[0], high: values[1]})
        }
      }
    }
    const unit = (end) => [one.before, ends[end], one.after]
    return make("fieldset", {class: "interval"}, make("legend", {}, make("strong", {}, one.label), ` ${one.form}`),
      make("div", {class: "row"}, make("label", {}, text("low"), unit(0)), make("label", {}, text("high"), unit(1)),
        make("span", {class: "soft"}, text("range", {low: `${one.before}${written(one.low)}`, high: `${one.before}${written(one.high)}${one.after}`}))))
  }

  // As it stands on the page: a field that was drawn anew while it was being typed in has told nobody.
  function typed(lesson) {
    return lesson.forecast.outcomes.map((one) => {
      const ends = [0, 1].map((k) => body.querySelector(`[name='${one.name}-${k}']`).value)
      const [low, high] = ends.map((end) => end === "" ? null : Number(end) / one.factor)
      return {outcome: one.name, low, high}
    }).filter((one) => one.low !== null || one.high !== null)
  }

  function forecast(lesson, work) {
    const fixed = work.is_made || Boolean(model.busy)
    const reasons = lesson.forecast.reasons.map((one, k) => {
      const came = work.reasons[k]
      return make("div", {class: work.is_made && work.reason === k ? "mine" : ""}, make("label", {class: "choice"},
        make("input", {type: "radio", name: "reason", checked: (drafts.reason ?? work.reason) === k, disabled: fixed, "data-key": `reason-${k}`,
          onchange: () => { drafts.reason = k; send({do: "because", reason: k}) }}), one),
        came ? make("p", {class: `soft ${came.held ? "met" : "missed"}`}, `${work.reason === k ? `${text("yours_was")} ` : ""}${text(came.held ? "reason_held" : "reason_not")} ${came.because}`) : null)
    })
    const came = work.calibration.map((one) => make("p", {class: one.hit ? "met" : "missed"}, `${one.label}: ${one.text}`))
    return [section(text("step_forecast"), {}, make("p", {class: "prose"}, lesson.forecast.asks), make("p", {class: "soft"}, text("interval_hint")),
      lesson.forecast.outcomes.map((one) => interval(one, work, fixed)),
      make("fieldset", {}, make("legend", {}, make("strong", {}, text("why"))), reasons),
      work.is_made ? make("p", {class: "soft"}, text("made"))
        : make("div", {class: "row"}, button("make", text("make"), () => send({do: "make", intervals: typed(lesson)}), {primary: true})),
      came.length ? make("div", {class: "verdict"}, make("h3", {}, text("calibration_all")), came) : null), code(work)]
  }

  function lever(one, experiment, work) {
    const value = work.levers[one.path]
    const shows = make("output", {}, number(value, one))
    const input = make("input", {type: "range", min: one.low, max: one.high, step: "any", value, "aria-label": one.label, "aria-valuetext": number(value, one),
      title: one.note, disabled: Boolean(model.busy), "data-key": `${experiment}/${one.path}`, "data-lever": one.path})
    const settled = () => {  // as Slider.snap does
      const value = Number(input.value)
      return [one.low, one.high].find((end) => Math.abs(value - end) < one.step / 2) ?? Math.floor(value / one.step + 0.5 + 1e-9) * one.step
    }
    input.oninput = () => { shows.textContent = number(settled(), one); input.setAttribute("aria-valuetext", shows.textContent) }
    const moved_to = () => ({do: "move", experiment, lever: one.path, value: settled()})
    input.onchange = () => {
      pending = null
      input.value = settled()  // also where that is what it was before, and no answer will come
      send(moved_to())
    }
    input.onkeydown = (event) => {
      const tenth = Math.max(one.step, (one.high - one.low) / 10)
      const to = {Home: one.low, End: one.high, PageUp: settled() + tenth, PageDown: settled() - tenth, ArrowRight: settled() + one.step,
        ArrowUp: settled() + one.step, ArrowLeft: settled() - one.step, ArrowDown: settled() - one.step}[event.key]
      if (to === undefined) { return }
      event.preventDefault()
      input.value = Math.min(one.high, Math.max(one.low, to))
      input.oninput()
      soonSend(moved_to)
    }
    const moved = value !== work.start[one.path]
    return make("div", {class: `lever${moved ? " moved" : ""}`}, make("span", {title: one.note}, one.label), shows, input)
  }

  function table(heads, rows, name) {
    return make("div", {class: "scroll", tabindex: 0, role: "group", "aria-label": name}, make("table", {class: "rows"}, make("thead", {}, make("tr", {}, heads.map((head) => make(head ? "th" : "td", head ? {scope: "col"} : {}, head)))),
      make("tbody", {}, rows)))
  }

  const cells = (row) => row.map((cell, k) => make(k ? "td" : "th", k ? {} : {scope: "row"}, cell))

  function experiment(one, work) {
    const mine = work.experiments[one.name]
    const rows = mine.tried.map((row) => make("tr", {class: row.is_goal ? "goal" : ""}, cells([row.label, row.before, row.after, row.change])))
    const judged = mine.verdict.map((goal) => make("li", {class: goal.is_met ? "met" : "missed"}, make("strong", {}, goal.goal),
      make("p", {class: "soft"}, `${goal.text} ${goal.luck}`)))
    return make("section", {"data-experiment": one.name, class: mine.is_passed ? "passed" : ""},
      make("h2", {}, one.title, mine.is_passed ? make("span", {class: "badge"}, `✓ ${text("done")}`) : null), make("p", {class: "prose"}, one.task),
      make("div", {class: "grid"},
        make("div", {class: "part"}, make("h3", {}, text("decide")), one.levers.map((each) => lever(each, one.name, mine)), make("p", {class: "soft"}, mine.spent),
          make("div", {class: "row"},
            button(`${one.name}/run`, text("run"), () => send({do: "run", experiment: one.name}), {primary: true, disabled: !work.is_made}),
            button(`${one.name}/hand_in`, text("hand_in"), () => send({do: "hand_in", experiment: one.name}), {disabled: !work.is_made}),
            button(`${one.name}/reset`, text("reset"), () => send({do: "reset", experiment: one.name}))),
          make("p", {class: "soft"}, text("hand_in_hint"))),
        make("div", {class: "part"}, make("h3", {}, text("goals")),
          judged.length ? null : make("ul", {}, one.goals.map((goal) => make("li", {}, goal))),
          judged.length ? make("div", {class: "verdict"}, make("h4", {}, text("verdict")), make("p", {}, mine.told), make("ul", {}, judged),
            mine.is_stale ? make("p", {class: "soft"}, text("stale")) : null,
            mine.pushes.length ? [make("h4", {}, text("pushes")), make("ul", {class: "soft"}, mine.pushes.map((push) => make("li", {}, push)))] : null) : null,
          rows.length ? table(["", one.versus, text("after"), text("change")], rows, one.title) : make("p", {class: "soft"}, text("nothing_tried")),
          mine.tries.rows.length > 1 ? make("details", {"data-fold": one.name, open: Boolean(drafts[`fold-${one.name}`]), ontoggle: (event) => { drafts[`fold-${one.name}`] = event.target.open }},
            make("summary", {}, text("tries")), table(mine.tries.heads, mine.tries.rows.map((row) => make("tr", {}, cells(row))), text("tries"))) : null)))
  }

  const locked = () => make("section", {class: "locked"}, make("div", {class: "row"}, make("p", {}, text("locked")),
    button("unlock", text("step_forecast"), () => step("forecast"), {primary: true})))

  function questions(lesson, work) {
    return section(text("step_questions"), {}, make("p", {class: "soft"}, text("first_counts")), lesson.questions.map((one, k) => {
      const given = work.answers[String(k)] || []
      const last = given[given.length - 1]
      const key = `question-${k}`
      const at = drafts[key] ?? (last ? last.option : -1)
      return make("fieldset", {"data-question": k}, make("legend", {class: "prose"}, `${k + 1}. ${one.asks}`),
        one.options.map((option, o) => make("label", {class: "choice"},
          make("input", {type: "radio", name: key, checked: at === o, "data-key": `${key}-${o}`, onchange: () => { drafts[key] = o }}), option)),
        make("div", {class: "row"}, make("button", {type: "button", "data-key": `${key}-answer`, onclick: () => {
          if (drafts[key] !== undefined) { send({do: "answer", question: k, option: drafts[key]}) }
        }}, text("answer"))),
        last ? make("p", {class: `verdict ${last.is_right ? "met" : "missed"}`, role: "status"}, `${text(last.is_right ? "right" : "wrong")} ${last.because}`) : null)
    }))
  }

  function left(found) {
    if (!found.rows.length) { return make("p", {class: "soft"}, text("left_none")) }
    return [make("h3", {}, text("left_head")), make("p", {class: "soft"}, text("left_note")),
      table([text("left_reason"), text("left_in", {here: "A", there: "B"}), text("left_in", {here: "B", there: "A"})],
        found.rows.map((row) => make("tr", {}, cells(row))), text("left_head")),
      found.stories.map((story) => make("p", {class: "story"}, story))]
  }

  function debrief(lesson, work) {
    const pairs = lesson.debrief.map((one, k) => {
      const found = work.pairs[String(k)]
      return section(one.asks, {"data-pair": k}, make("p", {class: "soft"}, `A: ${one.a} · B: ${one.b}`),
        found ? [table(["", "A", "B", text("difference"), "±", ""], found.rows.map((row) => make("tr", {},
          cells([row.label, row.a, row.b, row.difference, row.half, row.verdict]))), one.asks),
          make("p", {class: "prose"}, one.note), left(found.left)]
          : make("div", {class: "row"}, button(`pair-${k}`, text("show_pair"), () => send({do: "pair", pair: k}), {primary: true})))
    })
    return [pairs, section(lesson.headings.debrief, {}, prose(lesson.sections.debrief))]
  }

  function reflect(lesson, work) {
    const area = make("textarea", {"aria-label": lesson.headings.reflection, maxlength: 4000, "data-key": "reflection"})
    area.value = drafts.reflection ?? work.reflection
    area.oninput = () => {
      drafts.reflection = area.value
      soonSend(() => ({do: "reflect", text: area.value}))
    }
    area.onchange = flush
    return [section(lesson.headings.reflection, {}, prose(lesson.sections.reflection), area, make("p", {class: "soft"}, text("reflect_hint")),
      make("p", {class: `verdict ${work.grade.is_passed ? "met" : ""}`}, `${work.grade.passed} ${work.grade.text}`)),
      section(lesson.headings.try, {}, prose(lesson.sections.try))]
  }

  function content(lesson, work) {
    switch (model.step) {
      case "forecast": return forecast(lesson, work)
      case "experiments": return [work.is_made ? null : locked(), lesson.experiments.map((one) => experiment(one, work)),
        work.is_made ? section(lesson.headings.notice, {}, prose(lesson.sections.notice)) : null]
      case "questions": return questions(lesson, work)
      case "debrief": return work.is_made ? debrief(lesson, work) : locked()
      case "reflect": return reflect(lesson, work)
      case "teacher": return make("section", {}, lesson.teacher.map((part) => [make("h2", {}, part.head), prose(part.html)]))
      default: return read(lesson)
    }
  }

  function isDone(name, lesson, work) {
    switch (name) {
      case "forecast": return work.is_made
      case "experiments": return Object.values(work.experiments).every((one) => one.is_passed)
      case "questions": return lesson.questions.every((_, k) => work.answers[String(k)])
      case "debrief": return lesson.debrief.every((_, k) => work.pairs[String(k)])
      case "reflect": return Boolean(work.reflection)
      default: return false
    }
  }

  function opened(lesson, work) {
    const tabs = STEPS.map((name) => make("li", {}, make("button", {type: "button", "aria-current": model.step === name ? "step" : false,
      class: name === "teacher" ? "apart" : "", "data-step": name, "data-key": `step-${name}`, onclick: () => step(name)},
      isDone(name, lesson, work) ? make("span", {class: "tick"}, "✓ ") : null, text(`step_${name}`))))
    const after = STEPS[STEPS.indexOf(model.step) + 1]
    return make("div", {class: "lesson"},
      make("header", {}, make("div", {class: "row"}, make("button", {type: "button", class: "back", "data-key": "back", onclick: () => send({do: "open", lesson: ""})}, `← ${text("back")}`),
        make("span", {class: "soft"}, `${text("minutes", {n: lesson.minutes})} · ${lesson.covers}${work.code ? ` · ${work.code}` : ""}`),
        make("span", {class: "points", title: work.grade.text}, `${work.grade.points} / 100`)), make("h1", {}, lesson.title)),
      make("nav", {class: "steps", "aria-label": text("steps")}, make("ol", {}, tabs)), content(lesson, work),
      after && after !== "teacher" ? make("div", {class: "row next"}, make("button", {type: "button", class: model.step === "read" ? "primary" : "", "data-key": "next", onclick: () => step(after)}, `${text("next", {step: text(`step_${after}`)})} →`)) : null)
  }

  // What the student types or ticks stands on the page already; showing it anew would take away what is half typed.
  function shape() {
    const work = {...model.work, stated: model.work.is_made ? model.work.stated : 0, reason: model.work.is_made ? model.work.reason : 0, is_begun: 0}
    if (model.step === "reflect") { work.reflection = Boolean(work.reflection) }
    return JSON.stringify([model.lesson.name, model.lesson.title, model.step, Boolean(model.busy), work])
  }

  function show() {
    busy.textContent = model.busy
    told.textContent = model.told
    if (is_pressed) { is_late = true; return }
    if (shape() === shown) { return }
    shown = shape()
    const lesson = model.lesson
    const here = `${lesson.name || ""}/${lesson.name ? model.step : ""}`
    const active = root.getRootNode().activeElement
    const key = active?.dataset?.key
    const caret = active?.tagName === "TEXTAREA" ? active.selectionEnd : null
    if (lesson.name !== asked) { drafts = {} }
    body.replaceChildren(lesson.name && model.work.grade ? opened(lesson, model.work) : list())
    const again = key && [...body.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.disabled)
    if (place && place !== here) { arrive(key && key.startsWith("step-") ? again : null) } else if (again) { again.focus({preventScroll: true}) }
    if (again && caret !== null) { again.setSelectionRange?.(caret, caret) }
    place = here
    if (lesson.name && asked !== lesson.name) {
      asked = lesson.name
      const kept = remembered(lesson.name)
      if (kept) { send({do: "kept", kept}) }
    } else if (!lesson.name) {
      asked = ""
    }
  }

  /** At another lesson or step: from its top, with the focus where reading goes on. */
  function arrive(again) {
    const heading = body.querySelector(model.lesson.name ? "section h2, h1" : "h1")
    heading?.setAttribute("tabindex", "-1")
    const target = again || heading
    target?.focus({preventScroll: true})
    document.getElementById("main")?.scrollTo({top: 0})
  }

  let waiting = false
  function soon() {
    if (waiting) { return }
    waiting = true
    queueMicrotask(() => { waiting = false; show() })
  }
  for (const name of ["lesson", "work", "step", "busy", "told"]) { model.on(name, soon) }
  // Nothing is kept before the memory of this lesson has been taken up, and nothing of a student who did nothing.
  model.on("kept", () => { if (model.work.is_begun && asked === model.kept.lesson) { remember(model.kept) } })
  show()
  return root
}
