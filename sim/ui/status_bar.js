// How far the runs have come. Small news changes the line only, so that a screen reader is told of new sentences alone.
export function render({model}) {
  const text = document.createElement("span")
  text.setAttribute("role", "status")
  const button = document.createElement("button")
  button.type = "button"
  button.onclick = () => model.send_msg(model.told.button)
  const line = document.createElement("div")
  const track = document.createElement("div")
  track.className = "progress"
  track.setAttribute("aria-hidden", "true")
  track.append(line)
  const row = document.createElement("div")
  row.className = "status-row"
  row.append(text, button)
  const root = document.createElement("div")
  root.append(row, track)

  function show() {
    const told = model.told
    root.className = `status ${told.kind}`
    if (text.textContent !== told.text) { text.textContent = told.text }
    button.textContent = told.label
    button.hidden = !told.button
    line.style.width = `${Math.round(100 * told.share)}%`
  }

  model.on("told", show)
  show()
  // While a page is being put together, Bokeh drops what the server changes meanwhile: ask whether there is more by now.
  setTimeout(() => model.send_msg({seen: model.told.text}))
  return root
}
