// What belongs to the whole page: navigation, language, light and dark, the drawer, the address, undo and redo by keyboard, and
// coming back after the connection was lost. The elements stand in frame.html; this only brings them to life.

const KEPT_ADDRESS = "crmsim.address"
const NARROW = matchMedia("(max-width: 799px)")
const root = document.documentElement
const by_id = (id) => document.getElementById(id)

function keep(name, value) {
  try { localStorage.setItem(name, value) } catch { /* a browser that keeps nothing: the address bar still does */ }
}

export function render({model}) {
  const act = (message) => model.send_msg(message)

  // ------------------------------------------------------------ texts and where we are

  function tell() {
    const {texts, lang, language, has_bench, page} = model.setup
    root.lang = lang
    root.dataset.page = page
    root.dataset.bench = has_bench ? "shown" : "none"
    document.title = model.setup.title
    for (const element of document.querySelectorAll("[data-text]")) { element.textContent = texts[element.dataset.text] ?? "" }
    for (const element of document.querySelectorAll("[data-label]")) {
      const text = texts[element.dataset.label] ?? ""
      element.setAttribute("aria-label", text)
      if (element.tagName === "BUTTON") { element.title = text }
    }
    for (const button of document.querySelectorAll(".language")) { button.hidden = button.dataset.language === language }
    for (const link of document.querySelectorAll("nav a")) {
      if (link.dataset.page === page) { link.setAttribute("aria-current", "page") } else { link.removeAttribute("aria-current") }
    }
  }

  function write_address() {
    const address = model.address
    if (!address) { return }
    keep(KEPT_ADDRESS, address)
    if (address === location.search) { return }
    const page_of = (search) => new URLSearchParams(search).get("page")
    const is_step = page_of(address) !== page_of(location.search)
    history[is_step && location.search ? "pushState" : "replaceState"](null, "", address)
  }

  model.on("setup", tell)
  model.on("address", write_address)
  addEventListener("popstate", () => act({do: "go", address: location.search}))

  for (const link of document.querySelectorAll("nav a")) {
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) { return }
      event.preventDefault()
      act({do: "open", page: link.dataset.page})
      by_id("main").focus()
    }
  }
  for (const button of document.querySelectorAll(".language")) {
    button.onclick = () => {
      act({do: "language", language: button.dataset.language})
      document.querySelector(`.language:not([data-language="${button.dataset.language}"])`)?.focus()
    }
  }
  document.querySelector(".brand").onclick = () => { keep(KEPT_ADDRESS, "") }

  // ------------------------------------------------------------ light and dark

  by_id("theme").onclick = () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"
    keep("crmsim.theme", root.dataset.theme)
  }

  // ------------------------------------------------------------ the drawer

  function drawer(is_open) {
    root.dataset.drawer = is_open ? "open" : "closed"
    by_id("drawer").setAttribute("aria-expanded", is_open)
  }
  by_id("drawer").setAttribute("aria-expanded", !NARROW.matches)
  by_id("drawer").onclick = () => {
    const is_open = by_id("drawer").getAttribute("aria-expanded") !== "true"
    drawer(is_open)
    if (is_open && NARROW.matches) { by_id("bench").querySelector("*")?.focus?.() }
  }
  by_id("shade").onclick = () => drawer(false)
  addEventListener("crmsim-leave-bench", () => { drawer(false); by_id("main").focus() })

  // ------------------------------------------------------------ keys

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && NARROW.matches && root.dataset.drawer === "open") { drawer(false); by_id("drawer").focus() }
    if (!(event.ctrlKey || event.metaKey) || event.altKey) { return }
    const at = event.composedPath()[0]
    if (at?.matches?.("textarea, input:not([type=range]), [contenteditable]")) { return }
    const key = event.key.toLowerCase()
    const wish = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : ""
    if (wish) { event.preventDefault(); act({do: wish}) }
  })

  // ------------------------------------------------------------ a lost connection

  let is_lost = false
  async function come_back(event) {
    if (is_lost) { return }
    is_lost = true
    const banner = by_id("lost")
    banner.textContent = model.setup.texts.lost
    banner.hidden = false
    for (let seconds = 1; ; seconds = Math.min(8, seconds * 1.5)) {
      try {
        const answer = await fetch(`health?session=${model.session}`, {cache: "no-store"})
        const told = answer.ok ? await answer.json() : null
        if (told?.has_session) {
          is_lost = false
          event.reconnect()
          return
        }
        if (told) { location.reload(); return }   // The server has forgotten us; the address has not.
      } catch { /* not yet */ }
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds * (0.7 + 0.6 * Math.random())))
    }
  }
  model.document.on_event("connection_lost", (_, event) => { void come_back(event) })
  model.document.on_event("client_reconnected", () => { by_id("lost").hidden = true })

  tell()
  write_address()
  document.body.classList.add("is-ready")
  return document.createElement("div")
}
